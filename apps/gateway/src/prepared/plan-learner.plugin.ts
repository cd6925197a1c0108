import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server';
import { Plugin } from '@nestjs/apollo';
import { Settings } from '#config';
import type { GraphQLContext } from '../edge/graphql-context.js';
import { Plans } from './plans.js';

/** Tells of what Apollo has found to be valid. */
@Plugin()
export class PlanLearner implements ApolloServerPlugin<GraphQLContext> {
  constructor(
    private readonly settings: Settings,
    private readonly plans: Plans,
  ) {}

  async requestDidStart(): Promise<GraphQLRequestListener<GraphQLContext> | void> {
    if (!this.settings.fastPath) return;
    return {
      didResolveOperation: async ({ contextValue: { text }, operation, document, schema, request }) => {
        const { operationName } = request;
        if (text !== undefined && operation) this.plans.learn({ text, operationName }, schema, document, operation);
      },
    };
  }
}
