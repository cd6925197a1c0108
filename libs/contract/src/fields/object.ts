import { type Type, applyDecorators } from '@nestjs/common';
import { ValidateNested } from 'class-validator';
import { isObject } from '../is-object.js';
import { type FieldOptions, field } from './field.js';
import { shapeOf } from './instance.js';
import { JsonObject, JsonValue, MAX_JSON, isSmallJson } from './json-object.js';

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

/** Other shapes inside this one, as a list. Outputs only. */
export function Shapes(of: () => Type, description: string, options: { maxItems: number }): PropertyDecorator {
  return field(
    description,
    {},
    { type: () => [of()], schema: { type: () => of(), isArray: true, maxItems: options.maxItems } },
  );
}

const TOO_MUCH_JSON = `must be a JSON object of at most ${MAX_JSON.characters} characters and ${MAX_JSON.depth} levels`;

/** A free JSON object, bounded in size. */
export function Json(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: () => JsonObject,
    schema: { type: 'object', additionalProperties: true, maxProperties: MAX_JSON.properties },
    rule: (value) => (isSmallJson(value) ? undefined : TOO_MUCH_JSON),
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
