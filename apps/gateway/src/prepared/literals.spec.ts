import { describe, expect, it } from '@jest/globals';
import { lift } from './literals.js';

describe('the strings of a document', () => {
  it('stand aside, numbered', () => {
    expect(lift('{ user(unionId: "u1") { nick } department(id: "7") { name } }')).toEqual({
      shape: '{ user(unionId: "0") { nick } department(id: "1") { name } }',
      strings: ['u1', '7'],
    });
  });

  it('have the same number where they are equal: two fields that differ in them may not have one name', () => {
    const shapeOf = (first: string, second: string) =>
      lift(`{ user(unionId: "${first}") user(unionId: "${second}") }`)?.shape;
    expect(shapeOf('a', 'a')).toBe(shapeOf('b', 'b'));
    expect(shapeOf('a', 'a')).not.toBe(shapeOf('a', 'b'));
  });

  it('leave a document without any as it is', () => {
    expect(lift('{ me { nick } }')).toEqual({ shape: '{ me { nick } }', strings: [] });
  });

  it('that look like what they are replaced by are lifted all the same', () => {
    expect(lift('{ a(id: "1") b(id: "0") }')).toEqual({ shape: '{ a(id: "0") b(id: "1") }', strings: ['1', '0'] });
  });

  it.each([
    '{ a(id: "x\\u0020") }',
    '{ a(id: """x""") }',
    '{ a(id: "x") } # "y"',
    '{ a(id: "x) }',
    '{ a(id: "\ud800") }',
  ])('are not lifted out of %s', (text) => {
    expect(lift(text)?.strings ?? []).toEqual([]);
  });
});
