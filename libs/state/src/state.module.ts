import { Global, Module } from '@nestjs/common';
import { KeyValueStore } from './key-value-store.js';
import { Locks, MemoryLocks } from './locks.js';
import { MemoryStore } from './memory-store.js';

@Global()
@Module({
  providers: [
    { provide: KeyValueStore, useClass: MemoryStore },
    { provide: Locks, useClass: MemoryLocks },
  ],
  exports: [KeyValueStore, Locks],
})
export class StateModule {}
