import { describe, expect, it } from '@jest/globals';
import { IDS, type IdName, isId } from './ids.js';

describe('an id', () => {
  it.each<[IdName, string]>([
    ['department', '1'],
    ['department', '-7'],
    ['department', '9007199254740991'],
    ['writableDepartment', '432825033'],
    ['user', '102530009661373952'],
    ['user', 'manager@example.com'],
    ['union', 'z21HjQliSzpw0Yxxxx'],
    ['corp', 'ding12345678'],
  ])('of the kind %s may read %s', (name, id) => {
    expect(isId(name, id)).toBe(true);
  });

  it.each<[IdName, unknown]>([
    ['department', 1],
    ['department', '0'],
    ['department', '-0'],
    ['department', '01'],
    ['department', '9007199254740992'],
    ['department', '1 '],
    ['writableDepartment', '-7'],
    ['writableDepartment', '9007199254740992'],
    ['user', ''],
    ['user', 'a,b'],
    ['user', 'a b'],
    ['user', 'x'.repeat(65)],
    ['union', '..'],
    ['union', 'a/b'],
    ['union', 'a%2F'],
    ['corp', 'ding 1'],
    ['corp', null],
  ])('of the kind %s may not read %p', (name, id) => {
    expect(isId(name, id)).toBe(false);
  });

  it('has an example that is right', () => {
    for (const name of Object.keys(IDS) as IdName[]) expect(isId(name, IDS[name].example)).toBe(true);
  });
});
