import { Global, Module } from '@nestjs/common';
import { KeyValueStore } from './key-value-store.js';
import { Limiter, MemoryLimiter } from './limiter.js';
import { Locks, MemoryLocks } from './locks.js';
import { MemoryStore } from './memory-store.js';

@Global()
@Module({
  providers: [
    { provide: KeyValueStore, useClass: MemoryStore },
    { provide: Limiter, useClass: MemoryLimiter },
    { provide: Locks, useClass: MemoryLocks },
  ],
  exports: [KeyValueStore, Limiter, Locks],
})
export class StateModule {}
