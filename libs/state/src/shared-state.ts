import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { RedisAddress } from '#config';
import type { Logger } from '#telemetry';
import { RedisBuckets } from './redis/redis-buckets.js';
import { RedisBus } from './redis/redis-bus.js';
import { RedisLink } from './redis/redis-link.js';
import { RedisLocks } from './redis/redis-locks.js';
import { RedisPlaces } from './redis/redis-places.js';
import { RedisStore } from './redis/redis-store.js';
import { Seal } from './redis/seal.js';
import type { StateHealth, StoreHealth } from './state-health.js';

/** What replicas share by one Redis. */
export class SharedState implements StateHealth, OnModuleInit, OnApplicationShutdown {
  readonly buckets: RedisBuckets;
  readonly bus: RedisBus;
  readonly locks: RedisLocks;
  readonly places: RedisPlaces;
  readonly store: RedisStore;
  private readonly link: RedisLink;

  constructor(address: RedisAddress, secrets: readonly string[], name: string, logger: Logger) {
    this.link = new RedisLink(address, `dingtalk-gateway:${name}:`, logger);
    this.buckets = new RedisBuckets(this.link);
    this.bus = new RedisBus(address, this.link);
    this.locks = new RedisLocks(this.link);
    this.places = new RedisPlaces(this.link);
    this.store = new RedisStore(this.link, new Seal(secrets));
  }

  tell(): StoreHealth {
    const { isThere, replicas, reason } = this.link;
    return { isThere, replicas, reason };
  }

  async onModuleInit(): Promise<void> {
    await this.link.open();
  }

  async onApplicationShutdown(): Promise<void> {
    this.bus.close();
    await this.link.close();
  }
}
