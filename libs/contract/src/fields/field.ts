import { applyDecorators } from '@nestjs/common';
import { Field, type ReturnTypeFunc } from '@nestjs/graphql';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { type Rule, check } from './rule.js';

export interface FieldOptions {
  /** An input that may be left out. `null` is refused all the same: absent means unchanged, null means a mistake. */
  readonly optional?: boolean;
  /** An output that may be null. */
  readonly nullable?: boolean;
  readonly example?: unknown;
}

interface FieldShape {
  readonly type: ReturnTypeFunc;
  readonly schema: ApiPropertyOptions;
  /** The rule of an input; outputs that are never checked have none. */
  readonly rule?: Rule;
}

/** One property, said once: the GraphQL field, the OpenAPI schema and the checks of class-validator. */
export function field(description: string, options: FieldOptions, shape: FieldShape): PropertyDecorator {
  const schema = {
    ...shape.schema,
    description,
    required: !options.optional,
    ...(options.nullable && { nullable: true }),
    ...(options.example !== undefined && { example: options.example }),
  } as ApiPropertyOptions;
  return applyDecorators(
    Field(shape.type, { description, nullable: Boolean(options.optional ?? options.nullable) }),
    ApiProperty(schema),
    ...(options.optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    ...(shape.rule ? [check(shape.rule)] : []),
  );
}
