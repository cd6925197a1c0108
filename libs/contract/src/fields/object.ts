import { type Type, applyDecorators } from '@nestjs/common';
import { ValidateNested } from 'class-validator';
import { isObject } from '../is-object.js';
import { type FieldOptions, field } from './field.js';
import { shapeOf } from './instance.js';
import { JsonObject, JsonValue, MAX_JSON, isSmallJson } from './json-object.js';
import { type ListBounds, listOf } from './rule.js';

/** Another shape inside this one. */
export function Shape(of: () => Type, description: string, options: FieldOptions = {}): PropertyDecorator {
  const shape = {
    type: of,
    // Swagger knows a lazy type by this very name.
    schema: { type: () => of() },
    rule: (value: unknown) => (isObject(value) ? undefined : 'must be an object'),
  };
  return applyDecorators(field(description, options, shape), shapeOf(of), ValidateNested());
}

/** Other shapes inside this one, as a list. */
export function Shapes(of: () => Type, description: string, options: FieldOptions & ListBounds): PropertyDecorator {
  const { minItems = 0, maxItems } = options;
  const shape = {
    type: () => [of()],
    schema: { type: () => of(), isArray: true, minItems, maxItems },
    rule: listOf((value) => (isObject(value) ? undefined : 'must hold objects'), options),
  };
  return applyDecorators(field(description, options, shape), shapeOf(of), ValidateNested());
}

/** A free JSON object, bounded in size. */
export function Json(description: string, options: FieldOptions & { max?: number } = {}): PropertyDecorator {
  const { max = MAX_JSON.characters } = options;
  const isRight = (value: unknown): boolean => isSmallJson(value) && JSON.stringify(value).length <= max;
  return field(description, options, {
    type: () => JsonObject,
    schema: { type: 'object', additionalProperties: true, maxProperties: MAX_JSON.properties },
    rule: (value) =>
      isRight(value) ? undefined : `must be a JSON object of at most ${max} characters and ${MAX_JSON.depth} levels`,
  });
}

const ANY_VALUE = [
  { type: 'string', maxLength: MAX_JSON.characters },
  { type: 'number' },
  { type: 'boolean' },
  { type: 'array', items: {}, maxItems: 1000 },
  { type: 'object', maxProperties: MAX_JSON.properties },
];

/** Any JSON value. Outputs only. */
export function AnyValue(description: string, example: unknown): PropertyDecorator {
  return field(description, { nullable: true, example }, { type: () => JsonValue, schema: { anyOf: ANY_VALUE } });
}
