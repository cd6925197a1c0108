import { Global, Module } from '@nestjs/common';
import { Buckets, MemoryBuckets } from './buckets.js';
import { KeyValueStore } from './key-value-store.js';
import { Limiter, MemoryLimiter } from './limiter.js';
import { Locks, MemoryLocks } from './locks.js';
import { MemoryStore } from './memory-store.js';

@Global()
@Module({
  providers: [
    { provide: KeyValueStore, useClass: MemoryStore },
    { provide: Buckets, useClass: MemoryBuckets },
    { provide: Limiter, useClass: MemoryLimiter },
    { provide: Locks, useClass: MemoryLocks },
  ],
  exports: [Buckets, KeyValueStore, Limiter, Locks],
})
export class StateModule {}
