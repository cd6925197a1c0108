import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { Metrics } from '#telemetry';
import type { GraphQLContext } from './graphql-context.js';

type Asked = GraphQLRequestContextWillSendResponse<GraphQLContext>;

/** The first failure below each field at the root, by the name it has in the answer; one of the request is all of theirs. */
function codesOf({ response: { body } }: Asked): (name: string) => string {
  const errors = body.kind === 'single' ? (body.singleResult.errors ?? []) : [];
  const found = new Map<unknown, string>();
  for (const { path, extensions } of errors.toReversed()) found.set(path?.[0], String(extensions?.['code']));
  return (name) => found.get(undefined) ?? found.get(name) ?? 'ok';
}

/** Counts what is asked for at the roots of GraphQL documents, by the field of the schema and how it ended. */
@Plugin()
export class FieldFigures implements ApolloServerPlugin<GraphQLContext> {
  private readonly asked;

  constructor(metrics: Metrics) {
    const help = 'Fields of Query and Mutation by how they ended: `ok`, or the first failure code below them';
    this.asked = metrics.counter('gateway_graphql_fields_total', help, ['field', 'code']);
  }

  async requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext>> {
    return {
      willSendResponse: async (context) => {
        const codeOf = codesOf(context);
        for (const [name, field] of context.contextValue.doors ?? []) this.asked.inc({ field, code: codeOf(name) });
      },
    };
  }
}
