import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { DocumentStore } from './document-store.js';

describe('the store of documents', () => {
  it('holds those that were used last, and not too much of them', async () => {
    const store = new DocumentStore();
    const document = parse(`{ ${'a '.repeat(5000)} }`);
    for (let count = 0; count < 50; count += 1) await store.set(String(count), document);
    expect(await store.get('49')).toBe(document);
    expect(await store.get('0')).toBeUndefined();
    for (let count = 0; count <= 1000; count += 1) await store.set(`small ${count}`, parse('{ a }'));
    expect([await store.get('49'), await store.get('small 0')]).toEqual([undefined, undefined]);
    expect(await store.delete('small 1000')).toBe(true);
    expect(await store.get('small 1000')).toBeUndefined();
  });
});
