import { ID } from '@nestjs/graphql';
import { IDS, type IdName, isId } from '../ids.js';
import { type FieldOptions, field } from './field.js';
import { type ListBounds, type Rule, listOf } from './rule.js';

const idRule =
  (name: IdName): Rule =>
  (value) =>
    isId(name, value) ? undefined : IDS[name].rule;

const idSchema = (name: IdName) => ({ maxLength: IDS[name].maxLength, pattern: IDS[name].pattern.source });

/** An id of one kind, always a string. */
export function Id(name: IdName, description: string, options: FieldOptions = {}): PropertyDecorator {
  const shape = { type: () => ID, schema: { type: String, ...idSchema(name) }, rule: idRule(name) };
  return field(description, { example: IDS[name].example, ...options }, shape);
}

/** A list of ids of one kind. */
export function Ids(name: IdName, description: string, options: FieldOptions & ListBounds): PropertyDecorator {
  const { minItems = 0, maxItems } = options;
  const items = { type: 'string', ...idSchema(name) };
  return field(
    description,
    { example: [IDS[name].example], ...options },
    { type: () => [ID], schema: { type: 'array', items, minItems, maxItems }, rule: listOf(idRule(name), options) },
  );
}
