import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { type AskingRequest, Authenticator, nobody } from '#access';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Logger } from '#telemetry';
import { type GraphQLContext, doorsPlugin } from './doors.plugin.js';
import { explorerPlugin } from './explorer.plugin.js';
import { MAX_ERRORS, boundedErrorsPlugin, formatErrorWith, refuseRequest } from './graphql-errors.js';
import { useStrictIds } from './strict-id.js';

const MAX_TOKENS = 2000;

@Injectable()
export class GraphQLOptions implements GqlOptionsFactory<ApolloDriverConfig> {
  constructor(
    private readonly settings: Settings,
    private readonly authenticator: Authenticator,
    private readonly logger: Logger,
  ) {}

  createGqlOptions(): ApolloDriverConfig {
    useStrictIds();
    const { explorer } = this.settings;
    return {
      driver: ApolloDriver,
      path: '/graphql',
      autoSchemaFile: true,
      sortSchema: true,
      introspection: explorer,
      graphiql: false,
      csrfPrevention: { requestHeaders: ['x-csrf', 'authorization', 'apollo-require-preflight'] },
      persistedQueries: false,
      allowBatchedHttpRequests: false,
      includeStacktraceInErrorResponses: false,
      preserveHttpStatusForExecutionErrors: false,
      parseOptions: { maxTokens: MAX_TOKENS },
      validationOptions: { maxErrors: MAX_ERRORS, hideSuggestions: true },
      formatError: formatErrorWith(this.logger),
      context: (request: FastifyRequest) => this.context(request),
      plugins: [doorsPlugin, boundedErrorsPlugin, explorer ? explorerPlugin : ApolloServerPluginLandingPageDisabled()],
    };
  }

  /** Who asks is found out before anything is parsed. */
  private async context(request: AskingRequest): Promise<GraphQLContext> {
    try {
      request.caller = await this.authenticator.authenticate(request.headers);
    } catch (error) {
      throw error instanceof Failure ? refuseRequest(error) : error;
    }
    if (!request.caller && !this.settings.explorer) throw refuseRequest(nobody());
    return { request };
  }
}
