import { createHash } from 'node:crypto';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Settings } from '#config';
import type { Logger } from '#telemetry';
import { Buckets, MemoryBuckets } from './buckets.js';
import { Bus, MemoryBus } from './bus.js';
import { KeyValueStore } from './key-value-store.js';
import { Locks, MemoryLocks } from './locks.js';
import { MemoryStore } from './memory-store.js';
import { Places } from './places.js';
import type { SharedState } from './shared-state.js';
import { MemoryHealth, StateHealth } from './state-health.js';

const inMemory: Provider[] = [
  { provide: Buckets, useClass: MemoryBuckets },
  { provide: Bus, useClass: MemoryBus },
  { provide: KeyValueStore, useClass: MemoryStore },
  { provide: Locks, useClass: MemoryLocks },
  { provide: StateHealth, useClass: MemoryHealth },
];

/** Everything that one app of one organisation shares; a token of one app never serves another. */
function nameOf({ apiUrl, clientId, corpId }: Settings['dingtalk']): string {
  return createHash('sha256')
    .update(JSON.stringify([apiUrl, clientId, corpId]))
    .digest('hex')
    .slice(0, 16);
}

function inRedis(state: SharedState): Provider[] {
  return [
    { provide: StateHealth, useValue: state },
    { provide: Buckets, useValue: state.buckets },
    { provide: Bus, useValue: state.bus },
    { provide: KeyValueStore, useValue: state.store },
    { provide: Locks, useValue: state.locks },
    { provide: Places, useValue: state.places },
  ];
}

/** What Redis takes is loaded where there is one. */
async function shared(...told: ConstructorParameters<typeof SharedState>): Promise<SharedState> {
  const { SharedState: Shared } = await import('./shared-state.js');
  return new Shared(...told);
}

@Module({})
export class StateModule {
  static async with({ state, dingtalk }: Settings, logger: Logger): Promise<DynamicModule> {
    const { redis, secrets } = state;
    const providers = redis ? inRedis(await shared(redis, secrets, nameOf(dingtalk), logger)) : inMemory;
    return { module: StateModule, global: true, providers, exports: providers };
  }
}
