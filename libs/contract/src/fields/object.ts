import type { Type } from '@nestjs/common';
import { IsObject, ValidateBy, ValidateNested } from 'class-validator';
import { type FieldOptions, field } from './field.js';
import { shapeOf } from './instance.js';
import { JsonObject, JsonValue, isSmallJson, MAX_JSON } from './json-object.js';

/** Another shape inside this one. */
export function Shape(of: () => Type, description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: of,
    // Swagger knows a lazy type by this very name.
    schema: { type: () => of() },
    checks: [shapeOf(of), ValidateNested(), IsObject({ message: 'must be an object' })],
  });
}

/** Other shapes inside this one, as a list. Outputs only. */
export function Shapes(of: () => Type, description: string, options: { maxItems: number }): PropertyDecorator {
  return field(
    description,
    {},
    { type: () => [of()], schema: { type: () => of(), isArray: true, maxItems: options.maxItems }, checks: [] },
  );
}

/** A free JSON object, bounded in size. */
export function Json(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: () => JsonObject,
    schema: { type: 'object', additionalProperties: true, maxProperties: MAX_JSON.properties },
    checks: [
      ValidateBy({
        name: 'json',
        validator: {
          validate: isSmallJson,
          defaultMessage: () =>
            `must be a JSON object of at most ${MAX_JSON.characters} characters and ${MAX_JSON.depth} levels`,
        },
      }),
    ],
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
  return field(
    description,
    { nullable: true, example },
    { type: () => JsonValue, schema: { anyOf: ANY_VALUE }, checks: [] },
  );
}
