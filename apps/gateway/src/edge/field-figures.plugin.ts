import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { Metrics } from '#telemetry';
import type { GraphQLFormattedError } from 'graphql';
import type { GraphQLContext } from './graphql-context.js';
import type { Doors } from './operations.js';

type Errors = readonly GraphQLFormattedError[];

/** The first failure below each field at the root, by the name it has in the answer; one of the request is all of theirs. */
function codesOf(errors: Errors): (name: string) => string {
  const found = new Map<unknown, string>();
  for (const { path, extensions } of errors.toReversed()) found.set(path?.[0], String(extensions?.['code']));
  return (name) => found.get(undefined) ?? found.get(name) ?? 'ok';
}

/** Counts what is asked for at the roots of GraphQL documents, by the field of the schema and how it ended. */
@Plugin()
export class FieldFigures implements ApolloServerPlugin<GraphQLContext> {
  private readonly asked;
  private readonly operations;

  constructor(metrics: Metrics) {
    const help = 'Fields of Query and Mutation by how they ended: `ok`, or the first failure code below them';
    this.asked = metrics.counter('gateway_graphql_fields_total', help, ['field', 'code']);
    const ways = 'Operations of GraphQL by who ran them: a `plan` that was made before, or `apollo`';
    this.operations = metrics.counter('gateway_graphql_operations_total', ways, ['by']);
  }

  async requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext>> {
    return {
      willSendResponse: async ({ contextValue: { doors = [] }, response: { body } }) =>
        this.count('apollo', doors, body.kind === 'single' ? (body.singleResult.errors ?? []) : []),
    };
  }

  count(by: 'plan' | 'apollo', doors: Doors, errors: Errors): void {
    this.operations.inc({ by });
    const codeOf = codesOf(errors);
    for (const [name, field] of doors) this.asked.inc({ field, code: codeOf(name) });
  }
}
