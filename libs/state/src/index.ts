export { Buckets } from './buckets.js';
export { KeyValueStore } from './key-value-store.js';
export { Limiter } from './limiter.js';
export { Locks, MemoryLocks } from './locks.js';
export { MemoryStore } from './memory-store.js';
export { StateModule } from './state.module.js';
