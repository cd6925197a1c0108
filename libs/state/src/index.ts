export { KeyValueStore } from './key-value-store.js';
export { Locks, MemoryLocks } from './locks.js';
export { MemoryStore } from './memory-store.js';
export { StateModule } from './state.module.js';
