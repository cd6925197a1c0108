import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { type AskingRequest, Callers, nobody } from '#access';
import { Settings } from '#config';
import { DepartmentService, EmployeeService } from '#contact';
import { Logger } from '#telemetry';
import { Failure, isObject } from '#contract';
import { MAX_TOKENS, mustBeWithinLimits } from './document-limits.js';
import { DocumentStore } from './document-store.js';
import { doorsPlugin, orRefuse } from './doors.plugin.js';
import { explorerPlugin } from './explorer.plugin.js';
import { guardFields } from './field-rights.js';
import { useRecords } from './fill-records.js';
import type { GraphQLContext } from './graphql-context.js';
import { MAX_ERRORS, boundedErrorsPlugin, formatErrorWith, refuseRequest } from './graphql-errors.js';
import { Records } from './records.js';
import { useStrictIds } from './strict-id.js';
import { type Asked, TrustedDocuments } from './trusted-documents.js';
import { keyOfGraphQL } from '../trail/idempotency.js';

/** The document that was found, however it was asked for; Apollo knows nothing of trusted ones. */
const documentPlugin: ApolloServerPlugin<GraphQLContext> = {
  requestDidStart: async ({ request, contextValue: { text } }) => {
    request.query = text;
    delete request.extensions?.['persistedQuery'];
  },
};

/** What a POST holds in its body stands in the query of a GET, its extensions as JSON. */
function askedBy({ method, body, query }: FastifyRequest): Asked {
  if (method === 'POST') return isObject(body) ? body : {};
  const { extensions, ...rest } = query as Readonly<Record<string, unknown>>;
  try {
    return { ...rest, extensions: typeof extensions === 'string' ? JSON.parse(extensions) : undefined };
  } catch {
    throw Failure.badInput('extensions', 'is not JSON that can be read');
  }
}

@Injectable()
export class GraphQLOptions implements GqlOptionsFactory<ApolloDriverConfig> {
  private readonly documents: TrustedDocuments;

  constructor(
    private readonly settings: Settings,
    private readonly callers: Callers,
    private readonly logger: Logger,
    private readonly departments: DepartmentService,
    private readonly employees: EmployeeService,
  ) {
    this.documents = new TrustedDocuments(settings.documents);
  }

  createGqlOptions(): ApolloDriverConfig {
    useStrictIds();
    const { explorer } = this.settings;
    return {
      driver: ApolloDriver,
      path: '/graphql',
      autoSchemaFile: true,
      sortSchema: true,
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
      context: (request: FastifyRequest & AskingRequest) => this.context(request),
      plugins: [
        documentPlugin,
        doorsPlugin(this.callers, this.settings.dingtalk.callsMax),
        boundedErrorsPlugin,
        explorer ? explorerPlugin : ApolloServerPluginLandingPageDisabled(),
      ],
    };
  }

  /** Who asks is found out before anything is parsed, and how much there is to parse before it is validated. */
  private async context(request: FastifyRequest & AskingRequest): Promise<GraphQLContext> {
    await orRefuse(() => this.callers.meet(request));
    if (!this.settings.explorer) {
      if (!request.caller) throw refuseRequest(nobody());
      // To try things out with; whoever goes by a program has no use for it.
      if (request.method === 'GET') throw refuseRequest(new Failure('METHOD_NOT_ALLOWED', 'GraphQL is asked by POST.'));
    }
    const text = await orRefuse(async () => this.documents.textOf(askedBy(request)));
    if (text !== undefined) mustBeWithinLimits(text);
    if (text !== undefined) await orRefuse(async () => keyOfGraphQL(request, text, askedBy(request)));
    return { request, records: new Records(this.departments, this.employees), text, reached: new Set() };
  }
}
