import type { Drain } from './drain.js';
import type { Load } from './load.js';

/** How the process stands: what it has to do, and whether it is about to end. */
export class Running {
  constructor(
    readonly load: Load,
    readonly drain: Drain,
  ) {}
}
