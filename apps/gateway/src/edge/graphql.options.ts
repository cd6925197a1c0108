import type { ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { type AskingRequest, Callers } from '#access';
import { Settings } from '#config';
import { Logger } from '#telemetry';
import { MAX_TOKENS } from './document-limits.js';
import { DocumentStore } from './document-store.js';
import { doorsPlugin } from './doors.plugin.js';
import { explorerPlugin } from './explorer.plugin.js';
import { guardFields } from './field-rights.js';
import { useRecords } from './fill-records.js';
import type { GraphQLContext } from './graphql-context.js';
import { GraphQLContexts } from './graphql-contexts.js';
import { MAX_ERRORS, boundedErrorsPlugin, formatErrorWith } from './graphql-errors.js';
import { OneSchemaDriver } from './one-schema.driver.js';
import { useStrictIds } from './strict-id.js';

/** The document that was found, however it was asked for; Apollo knows nothing of trusted ones. */
const documentPlugin: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart: async ({ request, contextValue: { text } }) => {
    request.query = text;
    delete request.extensions?.['persistedQuery'];
  },
};

/** Apollo's cloud hears nothing of a company's requests, whatever the environment names. */
const nothingForApollo = [
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
];

@Injectable()
export class GraphQLOptions implements GqlOptionsFactory<ApolloDriverConfig> {
  constructor(
    private readonly settings: Settings,
    private readonly callers: Callers,
    private readonly contexts: GraphQLContexts,
    private readonly logger: Logger,
  ) {}

  createGqlOptions(): ApolloDriverConfig {
    useStrictIds();
    const { explorer } = this.settings;
    return {
      driver: OneSchemaDriver,
      path: '/graphql',
      buildSchemaOptions: { skipCheck: true },
      transformSchema: (schema) => guardFields(useRecords(schema)),
      // Links between types are doors too: they name their rules as the fields of Query do.
      fieldResolverEnhancers: ['guards'],
      introspection: explorer,
      graphiql: false,
      // A cookie gets as far as to be asked for its x-csrf: without one, 403 as everywhere.
      csrfPrevention: { requestHeaders: ['x-csrf', 'authorization', 'apollo-require-preflight', 'cookie'] },
      documentStore: new DocumentStore(),
      persistedQueries: false,
      allowBatchedHttpRequests: false,
      includeStacktraceInErrorResponses: false,
      preserveHttpStatusForExecutionErrors: false,
      parseOptions: { maxTokens: MAX_TOKENS },
      validationOptions: { maxErrors: MAX_ERRORS, hideSuggestions: true },
      formatError: formatErrorWith(this.logger),
      context: (request: FastifyRequest & AskingRequest) => this.contexts.begin(request),
      plugins: [
        documentPlugin,
        doorsPlugin(this.callers, this.settings.dingtalk.callsMax),
        boundedErrorsPlugin,
        ...nothingForApollo,
        // It would wrap each field, and nothing is to be kept anyway.
        ApolloServerPluginCacheControlDisabled(),
        explorer ? explorerPlugin : ApolloServerPluginLandingPageDisabled(),
      ],
    };
  }
}
