import { describe, expect, it } from '@jest/globals';
import type { Turn } from '#telemetry';
import { Turns } from './turns.js';

const person = (name: string): Turn => ({ name, rank: 'person' });
const batch = (name: string): Turn => ({ name, rank: 'batch' });

/** Everybody who waits, in the order in which their turn comes. */
const all = (turns: Turns<string>): string => Array.from({ length: turns.size }, () => turns.next()).join(' ');

const waiting = (...names: readonly [Turn, string][]): Turns<string> => {
  const turns = new Turns<string>();
  for (const [turn, item] of names) turns.add(turn, item);
  return turns;
};

describe('turns', () => {
  it('are taken by name: who asks a hundred times does not keep away who asks once', () => {
    const turns = waiting();
    for (let count = 1; count <= 100; count += 1) turns.add(batch('sync'), `s${count}`);
    turns.add(batch('other'), 'o1');
    expect([turns.next(), turns.next(), turns.next()]).toEqual(['s1', 'o1', 's2']);
  });

  it('of people come before batch work, of which one in four comes all the same', () => {
    const turns = waiting();
    for (let count = 1; count <= 6; count += 1) {
      turns.add(batch('sync'), `s${count}`);
      turns.add(person('lisi'), `p${count}`);
    }
    expect(all(turns)).toBe('p1 p2 p3 s1 p4 p5 p6 s2 s3 s4 s5 s6');
  });

  it('are given up by whoever goes away', () => {
    const turns = waiting([person('a'), 'a1'], [person('a'), 'a2'], [person('b'), 'b1']);
    turns.remove(person('a'), 'a1');
    turns.remove(person('a'), 'a1');
    turns.remove(person('c'), 'c1');
    expect([turns.size, all(turns), turns.next()]).toEqual([2, 'a2 b1', undefined]);
  });

  it('are as far away as they turn out to be', () => {
    for (const turn of [person('a'), person('new'), batch('sync'), batch('new')]) {
      const turns = waiting();
      for (let count = 1; count <= 5; count += 1) {
        for (const one of [person('a'), person('b'), batch('sync'), batch('c')]) turns.add(one, `${one.name}${count}`);
      }
      const told = turns.before(turn);
      turns.add(turn, 'me');
      const came = all(turns).split(' ').indexOf('me');
      expect(Math.abs(told - came)).toBeLessThanOrEqual(3);
    }
  });
});
