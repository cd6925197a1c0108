import type { ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { AccessModule, InternalAppGuard } from '#access';
import { AuditModule, AuditUpkeepModule } from '#audit';
import { ConfigModule, type Settings } from '#config';
import { ContactModule } from '#contact';
import { DingTalkModule } from '#dingtalk';
import { StateModule } from '#state';
import { type Telemetry, TelemetryModule } from '#telemetry';
import { AuditController } from './audit/audit.controller.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { DepartmentController } from './department/department.controller.js';
import { DepartmentLinksResolver } from './department/department-links.resolver.js';
import { DepartmentResolver } from './department/department.resolver.js';
import { OneSchemaDriver } from './edge/one-schema.driver.js';
import { ReadCalls } from './edge/read-calls.js';
import { FieldFigures } from './edge/field-figures.plugin.js';
import { FailureFilter } from './edge/failure.filter.js';
import { GraphQLContextsModule } from './edge/graphql-contexts.module.js';
import { GraphQLOptions } from './edge/graphql.options.js';
import { InputPipe } from './edge/input.pipe.js';
import { KnownQuery } from './edge/known-query.js';
import { RouteTable } from './edge/route-table.js';
import { Running } from './edge/running.js';
import { StraightResolvers } from './edge/straight-resolvers.js';
import { EmployeeLinksResolver } from './employee/employee-links.resolver.js';
import { EmployeeController } from './employee/employee.controller.js';
import { EmployeeResolver } from './employee/employee.resolver.js';
import { ExportStreams } from './export/export-streams.service.js';
import { ExportController } from './export/export.controller.js';
import { Gauges } from './health/gauges.service.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.service.js';
import { OrgAccountController } from './org-account/org-account.controller.js';
import { OrgAccountResolver } from './org-account/org-account.resolver.js';
import { Answering } from './prepared/answering.js';
import { FastPath } from './prepared/fast-path.js';
import { PlanLearner } from './prepared/plan-learner.plugin.js';
import { Plans } from './prepared/plans.js';
import { Runs } from './prepared/runs.js';
import { SessionModule } from './session/session.module.js';
import { RecordedGuard } from './trail/recorded.guard.js';
import { RecordedPlugin } from './trail/recorded.plugin.js';
import { UserController } from './user/user.controller.js';
import { UserResolver } from './user/user.resolver.js';

/** Every GraphQL door; the contract is generated from this list. */
export const RESOLVERS = [
  UserResolver,
  DepartmentResolver,
  DepartmentLinksResolver,
  EmployeeResolver,
  EmployeeLinksResolver,
  OrgAccountResolver,
  AuditResolver,
];

/** What is known of the process before anything is built. */
interface Process {
  readonly telemetry: Telemetry;
  readonly routes: RouteTable;
  readonly running: Running;
}

@Module({
  imports: [
    AccessModule,
    AuditModule,
    AuditUpkeepModule,
    DingTalkModule,
    ContactModule,
    SessionModule,
    GraphQLContextsModule,
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: OneSchemaDriver,
      imports: [GraphQLContextsModule],
      useClass: GraphQLOptions,
    }),
  ],
  controllers: [
    UserController,
    DepartmentController,
    ExportController,
    EmployeeController,
    OrgAccountController,
    AuditController,
    HealthController,
  ],
  providers: [
    ...RESOLVERS,
    ExportStreams,
    FieldFigures,
    Readiness,
    Gauges,
    RecordedPlugin,
    Plans,
    Answering,
    FastPath,
    Runs,
    PlanLearner,
    InternalAppGuard,
    StraightResolvers,
    { provide: APP_GUARD, useClass: RecordedGuard },
    { provide: APP_GUARD, useClass: KnownQuery },
    { provide: APP_GUARD, useClass: ReadCalls },
    { provide: APP_PIPE, useClass: InputPipe },
    { provide: APP_FILTER, useClass: FailureFilter },
  ],
})
export class AppModule {
  static with(settings: Settings, { telemetry, routes, running }: Process): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        TelemetryModule.with(telemetry),
        StateModule.with(settings, telemetry.logger),
      ],
      providers: [
        { provide: RouteTable, useValue: routes },
        { provide: Running, useValue: running },
      ],
    };
  }
}
