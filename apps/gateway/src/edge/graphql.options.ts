import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import type { GqlOptionsFactory } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { type AskingRequest, Callers, nobody } from '#access';
import { Settings } from '#config';
import { DepartmentService, EmployeeService } from '#contact';
import { Logger } from '#telemetry';
import { doorsPlugin, orRefuse } from './doors.plugin.js';
import { explorerPlugin } from './explorer.plugin.js';
import { guardFields } from './field-rights.js';
import { useRecords } from './fill-records.js';
import type { GraphQLContext } from './graphql-context.js';
import { MAX_ERRORS, boundedErrorsPlugin, formatErrorWith, refuseRequest } from './graphql-errors.js';
import { Records } from './records.js';
import { useStrictIds } from './strict-id.js';

const MAX_TOKENS = 2000;

@Injectable()
export class GraphQLOptions implements GqlOptionsFactory<ApolloDriverConfig> {
  constructor(
    private readonly settings: Settings,
    private readonly callers: Callers,
    private readonly logger: Logger,
    private readonly departments: DepartmentService,
    private readonly employees: EmployeeService,
  ) {}

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
      persistedQueries: false,
      allowBatchedHttpRequests: false,
      includeStacktraceInErrorResponses: false,
      preserveHttpStatusForExecutionErrors: false,
      parseOptions: { maxTokens: MAX_TOKENS },
      validationOptions: { maxErrors: MAX_ERRORS, hideSuggestions: true },
      formatError: formatErrorWith(this.logger),
      context: (request: FastifyRequest) => this.context(request),
      plugins: [
        doorsPlugin(this.callers, this.settings.dingtalk.callsMax),
        boundedErrorsPlugin,
        explorer ? explorerPlugin : ApolloServerPluginLandingPageDisabled(),
      ],
    };
  }

  /** Who asks is found out before anything is parsed. */
  private async context(request: AskingRequest): Promise<GraphQLContext> {
    await orRefuse(() => this.callers.meet(request));
    if (!request.caller && !this.settings.explorer) throw refuseRequest(nobody());
    return { request, records: new Records(this.departments, this.employees) };
  }
}
