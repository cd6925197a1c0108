export { Buckets } from './buckets.js';
export { Bus } from './bus.js';
export { KeyValueStore } from './key-value-store.js';
export type { Kept } from './key-value-store.js';
export { Locks, MemoryLocks } from './locks.js';
export { MemoryStore } from './memory-store.js';
export { Places } from './places.js';
export { StateHealth } from './state-health.js';
export { StateModule } from './state.module.js';
