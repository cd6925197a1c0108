import { describe, expect, it } from '@jest/globals';
import { type OperationDefinitionNode, buildSchema, parse } from 'graphql';
import { Plans } from './plans.js';

const schema = buildSchema(
  'type Query { user(unionId: ID!): User } type User { nick: String friends(first: Int): [User] }',
);

function learn(plans: Plans, text: string, times: number): void {
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  for (let time = 0; time < times; time += 1) plans.learn({ text }, schema, document, operation);
}

const isKnown = (plans: Plans, text: string): boolean => plans.find({ text }) !== undefined;

describe('plans', () => {
  it('are made of what is asked for twice', () => {
    const plans = new Plans();
    const text = '{ user(unionId: "u1") { nick } }';
    learn(plans, text, 1);
    expect(isKnown(plans, text)).toBe(false);
    learn(plans, text, 1);
    expect(isKnown(plans, text)).toBe(true);
  });

  it('are one for documents that differ in their strings only', () => {
    const plans = new Plans();
    learn(plans, '{ user(unionId: "u1") { nick } }', 2);
    expect(plans.find({ text: '{ user(unionId: "another") { nick } }' })?.lifted.strings).toEqual(['another']);
    expect(isKnown(plans, '{ user(unionId: "u1") { nick __typename } }')).toBe(false);
  });

  it('belong to one name of an operation', () => {
    const plans = new Plans();
    learn(plans, 'query A { user(unionId: "u1") { nick } }', 2);
    expect(plans.find({ text: 'query A { user(unionId: "u1") { nick } }', operationName: 'A' })).toBeUndefined();
  });

  it.each([
    '{ user(unionId: "u1") { nick @skip(if: true) } }',
    'query($id: ID! = "u1") { user(unionId: $id) { nick } }',
    '{ __schema { queryType { name } } }',
    '{ __typename }',
  ])('are not made of %s', (text) => {
    const plans = new Plans();
    learn(plans, text, 3);
    expect(isKnown(plans, text)).toBe(false);
  });

  it('are bounded: of 1,500 documents a thousand are known, the last ones', () => {
    const plans = new Plans();
    const texts = Array.from({ length: 1500 }, (_, at) => `{ user(unionId: "u1") { friends(first: ${at}) { nick } } }`);
    for (const text of texts) learn(plans, text, 2);
    const known = texts.map((text) => isKnown(plans, text));
    expect(known.filter(Boolean)).toHaveLength(1000);
    expect(known.slice(500).every(Boolean)).toBe(true);
  });

  it('are bounded in what they hold too', () => {
    const plans = new Plans();
    const wide = Array.from({ length: 500 }, (_, at) => `f${at}: nick`).join(' ');
    const texts = Array.from({ length: 200 }, (_, at) => `{ user(unionId: "u1") { ${wide} a${at}: nick } }`);
    for (const text of texts) learn(plans, text, 2);
    const known = texts.filter((text) => isKnown(plans, text)).length;
    expect([known > 10, known < 40]).toEqual([true, true]);
    const long = `{ user(unionId: "u1") { ${'nick '.repeat(3000)} } }`;
    learn(plans, long, 2);
    expect(isKnown(plans, long)).toBe(false);
  });

  it('are not made of fragments that unfold to thousands of fields', () => {
    const plans = new Plans();
    const parts = Array.from({ length: 20 }, (_, at) => {
      const next = at < 19 ? `...F${at + 1}` : 'nick';
      return `fragment F${at} on User { a: friends { ${next} } b: friends { ${next} } c: friends { ${next} } }`;
    });
    const text = `{ user(unionId: "u1") { ...F0 } } ${parts.join(' ')}`;
    learn(plans, text, 2);
    expect(isKnown(plans, text)).toBe(false);
  });
});
