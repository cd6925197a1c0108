import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { GraphQLSchemaBuilder } from '@nestjs/graphql/dist/graphql-schema.builder.js';
import { ResolversExplorerService } from '@nestjs/graphql/dist/services/resolvers-explorer.service.js';
import { type GraphQLFieldResolver, type GraphQLSchema, lexicographicSortSchema } from 'graphql';

type Resolvers = Record<string, Record<string, GraphQLFieldResolver<unknown, unknown>>>;

/**
 * The schema of the classes, with their resolvers. Nest's own way there prints it, reads the text into a second schema, puts the
 * resolvers into that and takes them out again, and asks the first one about itself: a fifth of the start.
 */
@Injectable()
export class OneSchemaDriver extends ApolloDriver {
  constructor(
    modules: ModulesContainer,
    private readonly explorer: ResolversExplorerService,
    private readonly builder: GraphQLSchemaBuilder,
  ) {
    super(modules);
  }

  override async generateSchema(options: ApolloDriverConfig): Promise<GraphQLSchema> {
    const resolvers = this.explorer.explore() as Resolvers;
    const schema = (await this.builder.build(true, options, this.explorer.getAllCtors())) as GraphQLSchema;
    resolve(schema, resolvers);
    return lexicographicSortSchema((await options.transformSchema?.(schema)) ?? schema);
  }
}

function resolve(schema: GraphQLSchema, resolvers: Resolvers): void {
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    const known = type && 'getFields' in type ? type.getFields() : {};
    for (const [name, resolver] of Object.entries(fields)) {
      const field = known[name];
      if (!field) throw new Error(`The schema has no field ${name} of ${typeName}.`);
      Object.assign(field, { resolve: resolver });
    }
  }
}
