import { ID } from '@nestjs/graphql';
import { ValidateBy } from 'class-validator';
import { IDS, type IdName, isId } from '../ids.js';
import { type FieldOptions, field } from './field.js';
import { listChecks } from './scalars.js';

const idChecks = (name: IdName, each = false): PropertyDecorator =>
  ValidateBy(
    {
      name: 'id',
      validator: { validate: (value: unknown) => isId(name, value), defaultMessage: () => IDS[name].rule },
    },
    { each },
  );

const idSchema = (name: IdName) => ({ maxLength: IDS[name].maxLength, pattern: IDS[name].pattern.source });

/** An id of one kind, always a string. */
export function Id(name: IdName, description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    description,
    { example: IDS[name].example, ...options },
    {
      type: () => ID,
      schema: { type: String, ...idSchema(name) },
      checks: [idChecks(name)],
    },
  );
}

export interface IdsOptions extends FieldOptions {
  readonly minItems?: number;
  readonly maxItems: number;
}

/** A list of ids of one kind. */
export function Ids(name: IdName, description: string, options: IdsOptions): PropertyDecorator {
  const { minItems = 0, maxItems } = options;
  return field(
    description,
    { example: [IDS[name].example], ...options },
    {
      type: () => [ID],
      schema: { type: 'array', items: { type: 'string', ...idSchema(name) }, minItems, maxItems },
      checks: [idChecks(name, true), ...listChecks(options)],
    },
  );
}
