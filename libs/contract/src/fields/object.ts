import type { Type } from '@nestjs/common';
import { Type as Instance } from 'class-transformer';
import { IsObject, ValidateBy, ValidateNested } from 'class-validator';
import { type FieldOptions, field } from './field.js';
import { JsonObject, isSmallJson, MAX_JSON } from './json-object.js';

/** Another shape inside this one. */
export function Shape(of: () => Type, description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(description, options, {
    type: of,
    schema: { type: of },
    checks: [Instance(of), ValidateNested(), IsObject({ message: 'must be an object' })],
  });
}

/** Other shapes inside this one, as a list. Outputs only. */
export function Shapes(of: () => Type, description: string, options: { maxItems: number }): PropertyDecorator {
  return field(
    description,
    {},
    { type: () => [of()], schema: { type: of, isArray: true, maxItems: options.maxItems }, checks: [] },
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
