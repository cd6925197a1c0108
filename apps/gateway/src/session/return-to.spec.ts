import { describe, expect, it } from '@jest/globals';
import { ownPath } from './return-to.js';

describe('a path to go on to', () => {
  it.each([
    ['/', '/'],
    ['/people?page=2#top', '/people?page=2#top'],
    ['/部门', '/%E9%83%A8%E9%97%A8'],
    ['/search?q=100%25&back=//other', '/search?q=100%25&back=//other'],
    ['/a/../b', '/b'],
    ['/a%20b', '/a%20b'],
    ['/a b', '/a%20b'],
    ['/it"s<b>', '/it%22s%3Cb%3E'],
  ])('may be %s', (path, told) => {
    expect(ownPath(path)).toBe(told);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'https://evil.example/',
    'http:evil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/%2F/evil.example',
    '/%2f%2fevil.example',
    '/%5Cevil.example',
    '/%255Cevil.example',
    '/%252F/evil.example',
    '/%09/evil.example',
    '/%',
    '/\u0000',
    `/${'x'.repeat(2048)}`,
    `/${'部'.repeat(300)}`,
    '%2F%2Fevil.example',
    ['/a', '/b'],
    undefined,
    7,
  ])('is never %j', (path) => {
    expect(ownPath(path)).toBeUndefined();
  });
});
