import { randomUUID } from 'node:crypto';
import { setImmediate as afterReading } from 'node:timers/promises';
import type { RedisAddress } from '#config';
import type { Logger } from '#telemetry';
import { away, reasonOf } from './away.js';
import { type RedisClient, connect, giveUp } from './connect.js';

/** How long one command may take. */
const ANSWERS_MS = 100;
const BEAT_MS = 1000;
const RETRY_MS = 250;
/** A connection on which so many beats in a row found nobody is given up for a new one. */
const DEAD_AFTER = 8;
/** Who falls sooner than that after it was up is not well yet. */
const STEADY_MS = 10_000;
const MOST_PATIENCE = 3;
/** A replica that has not been heard of for so long is gone. */
const REPLICA_MS = 5000;
/** How long a start waits for it; a store that cannot be reached does not stop it. */
const START_MS = 1000;

/** Says that this replica lives, which also shows that Redis can be written to, and counts those that do. */
const BEAT = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local kind = redis.call('TYPE', KEYS[1]).ok
  if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return redis.call('ZCARD', KEYS[1])`;

const DROP_IF = `
  if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`;

const TOO_LATE = Object.assign(new Error('too late'), { code: 'no answer in time' });

/**
 * The way to Redis. A command that is not answered within 100 ms puts it away for everybody: then nobody waits, until a
 * beat in the background has shown that it is there again.
 */
export class RedisLink {
  /** How many replicas live; until it is known, as if there were two. */
  replicas = 2;
  private readonly client: RedisClient;
  private readonly name = randomUUID();
  private readonly returned: (() => void)[] = [];
  private isUp = false;
  /** What was told last of how it stands: once each. */
  private told?: 'up' | 'away';
  private missed = 0;
  private goodBeats = 0;
  /** Beats that must do well, one after the other, before it counts as up. */
  private patience = 0;
  private upSinceMs = 0;
  /** By then all others have told that they live, since Redis was away. */
  private heardFromMs = 0;
  private lastReason = 'not connected';
  private isClosed = false;
  private timer?: NodeJS.Timeout;

  constructor(
    address: RedisAddress,
    /** What all keys begin with. */
    readonly prefix: string,
    private readonly logger: Logger,
  ) {
    this.client = connect(address);
    this.client.on('error', (error: unknown) => (this.lastReason = reasonOf(error)));
  }

  /** Waits for Redis, but not for long. */
  async open(): Promise<void> {
    const endMs = performance.now() + START_MS;
    while (!this.isUp && performance.now() < endMs) {
      await this.beat();
      if (!this.isUp) await new Promise((wait) => setTimeout(wait, 20));
    }
    if (!this.isUp) this.fall(this.lastReason);
    this.plan();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    if (this.isUp) await this.answered(this.client.zrem(this.key('replicas'), this.name)).catch(() => undefined);
    this.isUp = false;
    this.client.disconnect();
  }

  /** Is called when Redis is there again. */
  whenBack(tell: () => void): void {
    this.returned.push(tell);
  }

  get isThere(): boolean {
    return this.isUp;
  }

  /** Why it is away, in a word. */
  get reason(): string {
    return this.lastReason;
  }

  key(name: string): string {
    return `${this.prefix}${name}`;
  }

  /**
   * Runs one command.
   * @throws Failure SESSION_STORE_UNAVAILABLE where it is not answered in time, or refused as by a server that is read-only.
   */
  async run<Output>(command: (client: RedisClient) => Promise<Output>): Promise<Output> {
    if (!this.isUp) throw away();
    try {
      return await this.answered(command(this.client));
    } catch (error) {
      this.fall(error === TOO_LATE || this.client.status === 'ready' ? reasonOf(error) : this.lastReason);
      throw away();
    }
  }

  /** A script that Redis runs in one go, on one key: a cluster keeps that in one place. */
  script(text: string, name: string, ...values: readonly (string | number)[]): Promise<unknown> {
    return this.run((client) => client.eval(text, 1, this.key(name), ...values));
  }

  /** Drops the key just where it still holds that text (compare-and-delete). */
  async dropIf(name: string, text: string): Promise<void> {
    await this.script(DROP_IF, name, text);
  }

  private async answered<Output>(command: Promise<Output>): Promise<Output> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, failed) => {
      // An answer that has come while the process was busy is read first.
      timer = setTimeout(() => void afterReading().then(() => failed(TOO_LATE)), ANSWERS_MS);
    });
    try {
      return await Promise.race([command, tooLate]);
    } finally {
      clearTimeout(timer);
      command.catch(() => undefined);
    }
  }

  private async beat(): Promise<void> {
    try {
      const count = this.client.eval(BEAT, 1, this.key('replicas'), this.name, REPLICA_MS);
      const counted = Math.max(1, Number(await this.answered(count)));
      this.rise();
      const haveAllTold = this.isUp && performance.now() >= this.heardFromMs;
      this.replicas = haveAllTold ? counted : Math.max(this.replicas, counted);
    } catch (error) {
      this.missed += 1;
      if (this.client.status === 'ready') this.lastReason = reasonOf(error);
      if (this.isUp) this.fall(this.lastReason);
      if (this.missed % DEAD_AFTER === 0) giveUp(this.client);
    }
  }

  /** What falls again soon after is let up ever later: of a cluster, a part may be away that the beat does not meet. */
  private rise(): void {
    this.missed = 0;
    this.goodBeats += 1;
    if (this.isUp || this.isClosed || this.goodBeats <= this.patience) return;
    this.isUp = true;
    this.upSinceMs = performance.now();
    if (this.told === 'away') {
      this.heardFromMs = performance.now() + REPLICA_MS;
      this.logger.event('info', 'Redis is there again');
      for (const tell of this.returned) tell();
    }
    this.told = 'up';
  }

  private fall(reason: string): void {
    if (this.isUp) {
      const isSoon = performance.now() - this.upSinceMs < STEADY_MS;
      this.patience = isSoon ? Math.min(MOST_PATIENCE, 2 * this.patience + 1) : 0;
    }
    this.isUp = false;
    this.goodBeats = 0;
    this.lastReason = reason;
    if (this.told === 'away' || this.isClosed) return;
    this.told = 'away';
    this.logger.event('warn', 'Redis is away: each replica goes on by itself, sessions wait', { reason });
    this.plan();
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    const next = () => void this.beat().then(() => this.plan());
    this.timer = setTimeout(next, this.isUp ? BEAT_MS : RETRY_MS).unref();
  }
}
