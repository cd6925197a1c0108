import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode, getOperationAST } from 'graphql';
import { Trail } from '#audit';
import { fragmentsOf } from '../edge/operations.js';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { fieldsOf } from '../edge/selections.js';
import type { ChangesWhat } from './changes.js';

type Asked = GraphQLRequestContextWillSendResponse<GraphQLContext>;
type Doors = NonNullable<GraphQLContext['doors']>;

/** Whoever asks too often, or is not known, would fill the trail. */
const NOT_RECORDED = new Set(['UNAUTHENTICATED', 'TOO_MANY_REQUESTS', 'OVERLOADED']);

/** What the schema says that a door changes. */
const changesAt = (schema: GraphQLSchema, field: string): ChangesWhat | undefined =>
  schema.getMutationType()?.getFields()[field]?.extensions['changes'] as ChangesWhat | undefined;

const firstCode = ({ response: { body } }: Asked): string | undefined => {
  const [error] = (body.kind === 'single' ? body.singleResult.errors : undefined) ?? [];
  return error && String(error.extensions?.['code']);
};

/** The doors that were asked for; of a document that was refused before that was looked at, those that stand in it. */
function doorsOf({ contextValue, document }: Asked, { selectionSet }: OperationDefinitionNode): Doors {
  if (contextValue.doors) return contextValue.doors;
  const fragments = document ? fragmentsOf(document) : new Map<string, never>();
  const fields = fieldsOf([selectionSet], { fragments, variables: {} });
  return [...fields].flatMap(([name, [node]]) => (node ? [[name, node.name.value] as const] : []));
}

/** Doors of changes that a request never got to, since its document or its variables are not right, are in the trail too. */
@Plugin()
export class RecordedPlugin implements ApolloServerPlugin<GraphQLContext> {
  constructor(private readonly trail: Trail) {}

  async requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext>> {
    return { willSendResponse: (asked) => this.recordRest(asked) };
  }

  private async recordRest(asked: Asked): Promise<void> {
    const { contextValue, document, request, schema } = asked;
    const outcome = firstCode(asked);
    if (outcome === undefined || NOT_RECORDED.has(outcome) || !document || !contextValue.request.caller) return;
    const operation = getOperationAST(document, request.operationName);
    if (operation?.operation !== OperationTypeNode.MUTATION) return;
    const left = doorsOf(asked, operation).filter(([name]) => !contextValue.reached.has(name));
    // However often a document asks for the same.
    for (const field of new Set(left.map(([, door]) => door))) {
      const what = changesAt(schema, field);
      if (what) await this.trail.refused({ operation: field, targets: [what.kind], outcome });
    }
  }
}
