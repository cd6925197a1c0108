import { describe, expect, it } from '@jest/globals';
import { type GraphQLObjectType, type OperationDefinitionNode, buildSchema, parse } from 'graphql';
import { callsOf, documentOf } from './operations.js';

/** A department of which each field asks DingTalk once. */
function schemaWhose(cost: () => number) {
  const schema = buildSchema(
    'type Query { department(id: ID!): Department! } type Department { parent(at: Int): Department! name: String }',
  );
  for (const type of ['Query', 'Department']) {
    for (const field of Object.values((schema.getType(type) as GraphQLObjectType).getFields())) {
      if (field.name !== 'name') field.extensions = { calls: cost };
    }
  }
  return schema;
}

function callsIn(text: string, cost: () => number): number {
  const schema = schemaWhose(cost);
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  return callsOf(schema, operation, documentOf(schema, document, operation));
}

describe('the calls that a document shows', () => {
  it('are counted down its fields and fragments', () => {
    const text = '{ department(id: "1") { ...Up name } } fragment Up on Department { parent { parent { name } } }';
    expect(callsIn(text, () => 1)).toBe(3);
  });

  it('are looked for in so many fields only, however many its fragments unfold to', () => {
    const parts = Array.from({ length: 30 }, (_, at) => {
      const next = at < 29 ? `...F${at + 1}` : 'name';
      return `fragment F${at} on Department { a: parent { ${next} } b: parent { ${next} } c: parent { ${next} } }`;
    });
    let looks = 0;
    callsIn(`{ department(id: "1") { ...F0 } } ${parts.join(' ')}`, () => {
      looks += 1;
      return 1;
    });
    expect([looks > 1000, looks <= 5000]).toEqual([true, true]);
  });
});
