import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { readSettings } from '#config';
import { Logger, Metrics, Traces } from '#telemetry';
import { AppModule, RESOLVERS } from '../app.module.js';
import { buildOpenApi } from './openapi.js';
import { RouteTable } from './route-table.js';
import { Running } from './running.js';

/** Nothing is started or called: the contract follows from the code alone. */
const NOWHERE = { DINGTALK_CLIENT_ID: 'none', DINGTALK_CLIENT_SECRET: 'none', DINGTALK_CORP_ID: 'none' };

/** `schema.graphql`. */
export async function generateSchema(): Promise<string> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await app.get(GraphQLSchemaFactory).create(RESOLVERS);
  await app.close();
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** `openapi.json`. */
export async function generateOpenApi(): Promise<string> {
  const settings = readSettings(NOWHERE);
  const running = new Running(settings.overloadLagMs);
  const telemetry = { logger: new Logger('silent'), metrics: new Metrics(), traces: new Traces() };
  const module = AppModule.with(settings, { telemetry, routes: new RouteTable(), running });
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, preview: true });
  const document = buildOpenApi(app);
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
