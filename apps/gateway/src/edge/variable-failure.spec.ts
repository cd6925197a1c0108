import { describe, expect, it } from '@jest/globals';
import { type OperationDefinitionNode, buildSchema, getVariableValues, parse } from 'graphql';
import { variableFailure } from './variable-failure.js';

const schema = buildSchema(`
  enum Word { ONE }
  input Thing { name: String! count: Int flag: Boolean ids: [ID!] words: [Word!] part: Thing }
  type Query { a(thing: Thing!, ratio: Float): Int }
`);
const [operation] = parse('query($thing: Thing!, $ratio: Float) { a(thing: $thing, ratio: $ratio) }').definitions;

/** What graphql-js says of variables, as we tell it. */
function told(inputs: Record<string, unknown>) {
  const { variableDefinitions = [] } = operation as OperationDefinitionNode;
  const { errors = [] } = getVariableValues(schema, variableDefinitions, inputs);
  return errors.map(({ message }) => variableFailure(message)?.details.fields?.[0]);
}

describe('a variable that does not fit', () => {
  it.each<[Record<string, unknown>, string, string]>([
    [{}, 'thing', 'is required and must not be null'],
    [{ thing: null }, 'thing', 'is required and must not be null'],
    [{ thing: 5 }, 'thing', 'must be an object'],
    [{ thing: {} }, 'thing.name', 'is required and must not be null'],
    [{ thing: { name: 'x', secret13800002468: 1 } }, 'thing', 'holds a field that is not known here'],
    [{ thing: { name: 5 } }, 'thing.name', 'must be a string'],
    [{ thing: { name: 'x', count: '13800002468; Int' } }, 'thing.count', 'must be a whole number of 32 bits'],
    [{ thing: { name: 'x', count: 1.5 } }, 'thing.count', 'must be a whole number of 32 bits'],
    [{ thing: { name: 'x', flag: 'secret13800002468' } }, 'thing.flag', 'must be true or false'],
    [
      { thing: { name: 'x', words: ['secret"; 13800002468'] } },
      'thing.words.0',
      'must be one of the words of its enum',
    ],
    [
      { thing: { name: 'x', part: { name: 'y', count: true } } },
      'thing.part.count',
      'must be a whole number of 32 bits',
    ],
    [{ thing: { name: 'x' }, ratio: 'much' }, 'ratio', 'must be a number'],
  ])('(%j) is told by its place %s and a rule, never by its value', (inputs, field, message) => {
    expect(told(inputs)).toEqual([{ field, message }]);
  });

  it('is not everything: other messages are left alone', () => {
    expect(variableFailure('Schema is not configured to execute subscription operation.')).toBeUndefined();
  });
});
