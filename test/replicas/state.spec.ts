import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import { Buckets, Bus, KeyValueStore, Locks, Places, StateModule } from '#state';
import { Logger } from '#telemetry';
import { RedisServer } from '../harness/redis.js';

const SECRET = 'a-secret-of-the-test';

let redis: RedisServer;
const opened: INestApplicationContext[] = [];

interface Replica {
  readonly buckets: Buckets;
  readonly bus: Bus;
  readonly store: KeyValueStore;
  readonly locks: Locks;
  readonly places: Places;
}

/** One of the replicas of a gateway. */
async function replica(environment: Record<string, string> = {}): Promise<Replica> {
  const settings = readSettings({
    ...{ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 'secret', DINGTALK_CORP_ID: 'ding1' },
    ...{ REDIS_URL: redis.url, STATE_SECRET: SECRET, ...environment },
  });
  const context = await NestFactory.createApplicationContext(await StateModule.with(settings, new Logger('silent')), {
    logger: false,
  });
  opened.push(context);
  return {
    buckets: context.get(Buckets),
    bus: context.get(Bus),
    store: context.get(KeyValueStore),
    locks: context.get(Locks),
    places: context.get(Places),
  };
}

let one: Replica;
let other: Replica;

beforeAll(async () => {
  redis = await RedisServer.start();
});
beforeEach(async () => {
  await redis.say('flushall');
  [one, other] = await Promise.all([replica(), replica()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((context) => context.close()));
});
afterAll(() => redis.stop());

/** What all keys of these replicas begin with. */
async function prefixOf(): Promise<string> {
  await one.store.put('prefix', 'x', 60_000);
  return (await redis.keys()).find((key) => key.endsWith(':prefix'))?.replace(/prefix$/, '') ?? '';
}

const valueOf = async (at: Replica, key: string) => (await at.store.get(key))?.value;

describe('what replicas keep', () => {
  it('is the same for all, with the life that is left', async () => {
    await one.store.put('key', 'value', 10_000);
    const kept = await other.store.get('key');
    expect(kept?.value).toBe('value');
    expect(kept?.leftMs).toBeGreaterThan(9000);
    await other.store.extend('key', 60_000);
    expect((await one.store.get('key'))?.leftMs).toBeGreaterThan(50_000);
    await other.store.drop('key');
    await one.store.extend('key', 60_000);
    expect(await one.store.get('key')).toBeUndefined();
  });

  it('is dropped just where it is still that value', async () => {
    await one.store.put('key', 'new', 10_000);
    await other.store.drop('key', 'old');
    expect(await valueOf(one, 'key')).toBe('new');
    await other.store.drop('key', 'new');
    expect(await valueOf(one, 'key')).toBeUndefined();
  });

  it('cannot be read in Redis, where each key says whose it is', async () => {
    await one.store.put('app-token', 'token-that-nobody-sees', 10_000);
    const keys = await redis.keys();
    expect(keys.every((key) => /^dingtalk-gateway:[0-9a-f]{16}:/.test(key))).toBe(true);
    const key = keys.find((name) => name.endsWith('app-token')) ?? '';
    expect(await redis.say('get', key)).toMatch(/^[A-Za-z0-9+/=]{40,}$/);
  });

  it('is written by whoever held the lock last, not by whoever comes late', async () => {
    await one.store.putIfNewest('key', 'of the second', 10_000, 1_900_000_000_000_002);
    await other.store.putIfNewest('key', 'of the first', 10_000, 1_900_000_000_000_001);
    expect(await valueOf(one, 'key')).toBe('of the second');
    await other.store.putIfNewest('key', 'of the third', 10_000, 1_900_000_000_000_003);
    expect(await valueOf(one, 'key')).toBe('of the third');
  });

  it('is not what another app, or a gateway with another secret, keeps', async () => {
    await one.store.put('key', 'value', 10_000);
    const ofOtherApp = await replica({ DINGTALK_CORP_ID: 'ding2' });
    const ofOtherSecret = await replica({ STATE_SECRET: 'another-secret-of-the-test' });
    expect([await valueOf(ofOtherApp, 'key'), await valueOf(ofOtherSecret, 'key')]).toEqual([undefined, undefined]);
  });

  it('is read while its secret is changed for a new one', async () => {
    await one.store.put('key', 'value', 10_000);
    const rotated = await replica({ STATE_SECRET: `the-new-secret-of-the-test,${SECRET}` });
    expect(await valueOf(rotated, 'key')).toBe('value');
    await rotated.store.put('key', 'newer', 10_000);
    const after = await replica({ STATE_SECRET: 'the-new-secret-of-the-test' });
    expect([await valueOf(after, 'key'), await valueOf(one, 'key')]).toEqual(['newer', undefined]);
  });
});

describe('what stands under our keys and is not ours', () => {
  const key = async (name: string): Promise<string> => {
    await one.store.put(name, 'ours', 10_000);
    return (await redis.keys()).find((known) => known.endsWith(`:${name}`)) ?? '';
  };

  it.each([
    ['set', 'garbage'],
    ['set', ''],
    ['rpush', 'x'],
    ['sadd', 'x'],
    ['hset', 'a', 'b'],
    ['zadd', '1', 'x'],
  ])('is as if it were not there: %s %s', async (...words) => {
    const [command = '', ...values] = words;
    const name = await key('thing');
    await redis.say('del', name);
    await redis.say(command, name, ...values);
    expect(await one.store.get('thing')).toBeUndefined();
    await one.store.drop('thing', 'ours');
    await one.store.putIfNewest('thing', 'again', 10_000, 5);
    expect(await valueOf(other, 'thing')).toBe('again');
  });

  it('is as if it were not there: a value of ours from under another key, and one that never ends', async () => {
    const [from, to] = [await key('a'), await key('b')];
    await redis.say('copy', from, to, 'REPLACE');
    await redis.say('persist', from);
    expect([await one.store.get('b'), await one.store.get('a')]).toEqual([undefined, undefined]);
  });

  it.each([
    ['set', 'garbage'],
    ['rpush', 'x'],
    ['set', '1e999 -5'],
  ])('stops no lock, bucket or place: %s %s', async (command, value) => {
    await redis.say('flushall');
    const prefix = await prefixOf();
    for (const name of ['lock:x', 'bucket:x', 'places:x', 'replicas'])
      await redis.say(command, `${prefix}${name}`, value);
    const taken = await one.buckets.take('x', 1, { capacity: 5, perS: 1 });
    expect(taken).toMatchObject({ allowed: true, left: 4 });
    expect(await one.places.take('x', 'id', 1, 1000)).toBe(0);
    await one.places.leave('y', 'id', 10);
    const held = await Promise.race([one.locks.hold('x', async () => 'held'), pause(4000, 'never')]);
    expect(held).toBe('held');
  });
});

describe('a lock of all replicas', () => {
  it('lets one at a time in, and the fence of whoever comes later is higher', async () => {
    let inside = 0;
    const fences: number[] = [];
    const work = async (fence: number) => {
      inside += 1;
      expect(inside).toBe(1);
      fences.push(fence);
      await pause(10);
      inside -= 1;
    };
    await Promise.all([one, other, one, other, one].map(({ locks }) => locks.hold('same', work)));
    expect(fences).toEqual([...fences].sort((a, b) => a - b));
    expect(new Set(fences).size).toBe(5);
  });

  it('is held for as long as the work takes', async () => {
    const slow = one.locks.hold('same', () => pause(4500, 'slow'));
    await pause(50);
    const startMs = performance.now();
    await other.locks.hold('same', async () => undefined);
    expect(performance.now() - startMs).toBeGreaterThan(4000);
    expect(await slow).toBe('slow');
  });

  it('outlives a holder that was killed by three seconds', async () => {
    await redis.say('set', `${await prefixOf()}lock:same`, 'dead', 'PX', '3000');
    const startMs = performance.now();
    await other.locks.hold('same', async () => undefined);
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(1500);
    expect(tookMs).toBeLessThan(3500);
  });
});

describe('a bucket of all replicas', () => {
  it('holds so much for all of them together, and fills', async () => {
    const bucket = { capacity: 10, perS: 20 };
    const takes = [one, other].flatMap(({ buckets }) =>
      Array.from({ length: 10 }, async () => buckets.take('x', 1, bucket)),
    );
    const taken = await Promise.all(takes);
    expect(taken.filter(({ allowed }) => allowed).length).toBeLessThanOrEqual(12);
    expect(taken.filter(({ allowed }) => allowed).length).toBeGreaterThanOrEqual(10);
    const last = taken.at(-1);
    expect(last?.waitMs).toBeGreaterThan(0);
    expect(last?.waitMs).toBeLessThanOrEqual(50);
    await pause(600);
    expect(await one.buckets.take('x', 10, bucket)).toMatchObject({ allowed: true, left: 0 });
    await other.buckets.giveBack('x', 9, bucket);
    expect(await one.buckets.take('x', 9, bucket)).toMatchObject({ allowed: true });
  });
});

describe('places', () => {
  it('are free when their replica says so, and after five seconds where it says nothing', async () => {
    expect(await one.places.take('x', 'a', 2, 5000)).toBe(0);
    expect(await other.places.take('x', 'b', 2, 5000)).toBe(0);
    const waitMs = await other.places.take('x', 'c', 2, 5000);
    expect(waitMs).toBeGreaterThan(4000);
    expect(waitMs).toBeLessThanOrEqual(5000);
    await one.places.leave('x', 'a', 0);
    expect(await other.places.take('x', 'c', 2, 5000)).toBe(0);
    expect(await one.places.take('y', 'd', 2, 5000)).toBe(0);
  });

  it('that are held until a time that nobody could have meant are free: a clock was set back', async () => {
    const key = `${await prefixOf()}places:x`;
    await redis.say('zadd', key, String(Date.now() + 3600_000), 'of another time');
    expect(await one.places.take('x', 'a', 1, 5000)).toBe(0);
  });
});

describe('a word between replicas', () => {
  const listen = (...names: string[]) => {
    const heard: string[] = [];
    const missed = { one: 0, other: 0 };
    for (const [name, { bus }] of [
      ['one', one],
      ['other', other],
    ] as const) {
      for (const topic of names)
        bus.hear(
          topic,
          (message) => heard.push(`${name}: ${message}`),
          () => (missed[name] += 1),
        );
    }
    return { heard, missed };
  };

  it('reaches the others and not whoever says it', async () => {
    const { heard, missed } = listen('topic');
    await pause(100);
    await one.bus.tell('topic', 'some words');
    await one.bus.tell('topic', 'and more');
    await other.bus.tell('topic', '');
    await pause(1500);
    expect(heard.sort()).toEqual(['one: ', 'other: and more', 'other: some words']);
    expect(missed).toEqual({ one: 1, other: 1 });
  });

  it('that is lost, with the connection or without, is missed within a second or so', async () => {
    const { heard, missed } = listen('topic');
    await pause(100);
    await one.bus.tell('topic', 'first');
    await pause(50);
    const before = { ...missed };
    await redis.say('client', 'kill', 'type', 'pubsub');
    await one.bus.tell('topic', 'lost');
    await pause(1500);
    expect(heard).not.toContain('other: lost');
    expect(missed.other).toBeGreaterThan(before.other);
    const channel = `${await prefixOf()}topic`;
    const stranger = '00000000-0000-4000-8000-000000000000';
    for (const text of [`${stranger} 1 a`, `${stranger} 3 c`, 'garbage', `${stranger} x y`])
      await redis.say('publish', channel, text);
    await pause(100);
    expect(heard).toContain('other: a');
    expect(heard).not.toContain('other: c');
  });
});
