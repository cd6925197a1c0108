import { describe, expect, it } from '@jest/globals';
import { isTooDeep } from './json-body.js';

describe('the depth of a body', () => {
  it.each([
    ['32 levels', `${'['.repeat(32)}${']'.repeat(32)}`, false],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, true],
    ['many brackets side by side', `[${'[],'.repeat(1000)}[]]`, false],
    ['brackets in a string', `["${'['.repeat(100)}"]`, false],
    ['an escaped quote before brackets in a string', `["\\"${'['.repeat(100)}"]`, false],
    ['an escaped backslash at the end of a string', `["\\\\",${'['.repeat(100)}`, true],
  ])('of %s is too deep: %s', (_, json, tooDeep) => {
    expect(isTooDeep(json)).toBe(tooDeep);
  });
});
