import { describe, expect, it } from '@jest/globals';
import { parseApps } from './apps-file.js';
import { createKey, hashKey } from './keys.js';

const HASH = hashKey('a key');
const RIGHT = { id: 'org-sync', keyHashes: [HASH], scopes: ['department:read'] };

describe('the apps file', () => {
  it('takes one hash or two, a rate, an end and an off switch', () => {
    const [app] = parseApps(
      JSON.stringify([
        { ...RIGHT, keyHashes: [HASH, hashKey('another')], rate: '50:100', expiresAt: '2027-01-01T00:00:00Z' },
      ]),
    );
    expect(app).toMatchObject({ id: 'org-sync', disabled: false, expiresAtMs: Date.UTC(2027, 0, 1) });
    expect(app?.keyDigests).toHaveLength(2);
    const { keyHashes: _, ...rest } = RIGHT;
    expect(parseApps(JSON.stringify([{ ...rest, keyHash: HASH, disabled: true }]))).toMatchObject([{ disabled: true }]);
  });

  it.each<[string, unknown, string]>([
    ['no list', {}, 'must hold a list'],
    ['an entry that is no object', [5], 'entry 0 must be an object'],
    ['an id in capitals', [{ ...RIGHT, id: 'Org' }], 'id must be'],
    ['no key', [{ ...RIGHT, keyHashes: [] }], 'one or two'],
    ['three keys', [{ ...RIGHT, keyHashes: [HASH, HASH, HASH] }], 'one or two'],
    ['a key instead of its hash', [{ ...RIGHT, keyHashes: ['a key'] }], 'must read sha256:'],
    ['an unknown scope', [{ ...RIGHT, scopes: ['everything'] }], 'known scopes'],
    ['no scopes', [{ ...RIGHT, scopes: undefined }], 'known scopes'],
    ['a rate that is none', [{ ...RIGHT, rate: 'fast' }], 'rate must'],
    ['a hash in both fields', [{ ...RIGHT, keyHash: HASH }], 'one too many'],
    ['a time that is a year', [{ ...RIGHT, expiresAt: '2027' }], 'expiresAt must'],
    ['a time that is none', [{ ...RIGHT, expiresAt: 'soon' }], 'expiresAt must'],
    ['a switch that is a word', [{ ...RIGHT, disabled: 'yes' }], 'disabled must'],
    ['a field that is not known', [{ ...RIGHT, scope: 'x' }], 'fields are'],
    ['an id twice', [RIGHT, RIGHT], 'org-sync stands in it twice'],
  ])('with %s is refused', (_, entries, reason) => {
    expect(() => parseApps(JSON.stringify(entries))).toThrow(reason);
  });

  it('that is no JSON is refused, and no fault shows a hash', () => {
    expect(() => parseApps('[')).toThrow('it is no JSON');
    expect(() =>
      parseApps(
        JSON.stringify([
          { ...RIGHT, scopes: [] },
          { ...RIGHT, rate: HASH },
        ]),
      ),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining(HASH) }));
  });
});

describe('a key', () => {
  it('is 256 random bits behind a word of its own', () => {
    const keys = new Set(Array.from({ length: 100 }, createKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^dcg_[\w-]{43}$/);
  });
});
