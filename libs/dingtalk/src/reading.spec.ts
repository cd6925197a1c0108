import { describe, expect, it } from '@jest/globals';
import { Reading, Unreadable } from './reading.js';

describe('an answer is read', () => {
  it('with what is absent as null, and lists as empty', () => {
    const answer = new Reading({ nothing: null });
    expect([answer.text('a'), answer.flag('nothing'), answer.whole('a'), answer.part('a'), answer.json('a')]).toEqual(
      Array(5).fill(null),
    );
    expect([answer.texts('a'), answer.ids('nothing')]).toEqual([[], []]);
  });

  it('with DingTalk’s loose typing understood', () => {
    const answer = new Reading({
      id: '123',
      count: 5,
      flag: 'true',
      name: 7,
      ids: [1, '2'],
      json: '{"a":1}',
      text: 'x',
    });
    expect(answer.id('id')).toBe('123');
    expect(answer.whole('id')).toBe(123);
    expect(answer.text('name')).toBe('7');
    expect(answer.flag('flag')).toBe(true);
    expect(answer.ids('ids')).toEqual(['1', '2']);
    expect(answer.json('json')).toEqual({ a: 1 });
    expect(answer.json('text')).toBeNull();
  });

  it.each<[string, (answer: Reading) => unknown]>([
    ['a text that is an object', (answer) => answer.text('object')],
    ['a flag that is a word', (answer) => answer.flag('word')],
    ['a number beyond 2^53', (answer) => answer.whole('huge')],
    ['a number in text beyond 2^53', (answer) => answer.id('hugeText')],
    ['a fraction', (answer) => answer.whole('fraction')],
    ['a list that is a text', (answer) => answer.texts('word')],
    ['a part that is a list', (answer) => answer.part('list')],
    ['what must be there and is not', (answer) => answer.must('text', 'absent')],
  ])('and %s is unreadable, told by its place and without its value', (_, read) => {
    const fields = JSON.parse(
      '{"object":{},"word":"secret","huge":9007199254740993,"hugeText":"9007199254740993","fraction":1.5,"list":[]}',
    ) as unknown;
    expect(() => read(new Reading(fields))).toThrow(Unreadable);
    expect(() => read(new Reading(fields))).toThrow(/^answer\.\w+ /);
    expect(() => read(new Reading(fields))).not.toThrow(/secret/);
  });

  it('as empty where it is no object', () => {
    for (const odd of [null, [], 'text', 5]) expect(new Reading(odd).text('a')).toBeNull();
  });
});
