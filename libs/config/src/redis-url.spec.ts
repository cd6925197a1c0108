import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './redis-url.js';

const plain = { kind: 'single', tls: false, master: '', database: 0 };
const host = (name: string, port = 6379) => ({ host: name, port });

describe('an address of Redis', () => {
  it.each([
    ['redis://cache', { ...plain, hosts: [host('cache')] }],
    ['redis://127.0.0.1:7000/3', { ...plain, hosts: [host('127.0.0.1', 7000)], database: 3 }],
    ['rediss://[::1]:7000/', { ...plain, tls: true, hosts: [host('::1', 7000)] }],
    ['redis://:p%40ss@cache', { ...plain, hosts: [host('cache')], password: 'p@ss' }],
    ['redis://app:a:b@cache', { ...plain, hosts: [host('cache')], username: 'app', password: 'a:b' }],
    [
      'redis+sentinel://:pw@a:26380,b/main/2?sentinelPassword=other',
      {
        ...{ kind: 'sentinel', tls: false, master: 'main', database: 2, password: 'pw', sentinelPassword: 'other' },
        hosts: [host('a', 26_380), host('b', 26_379)],
      },
    ],
    ['rediss-cluster://a,b:7001', { ...plain, kind: 'cluster', tls: true, hosts: [host('a'), host('b', 7001)] }],
  ])('is read from %s', (text, address) => {
    expect(parseRedisUrl(text)).toMatchObject(address);
  });

  it.each([
    ...[
      '',
      'cache',
      'http://cache',
      'redis://',
      'redis://a,b',
      'redis://a:0',
      'redis://a:99999',
      'redis://a/x',
      'redis://a b',
    ],
    ...[
      'redis://a/1/2',
      'redis+sentinel://a',
      'redis+sentinel://a/1',
      'redis+cluster://a/1',
      'redis+cluster://a,,b',
      'redis://:100%sure@a',
      'redis://a?ssl=true',
      'redis://a#x',
    ],
  ])('is not %j', (text) => {
    expect(parseRedisUrl(text)).toBeUndefined();
  });
});
