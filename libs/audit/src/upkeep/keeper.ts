import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Retention } from './retention.js';
import { Chain } from '../chain/chain.js';
import { Unknowns } from '../unknowns.js';

const EVERY_MS = 5000;
const RETENTION_MS = 600_000;

/** Looks after the trail at times: that the database is there, what has no outcome, and what is too old. */
@Injectable()
export class Keeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private removedAtMs = -Infinity;
  private isEnding = false;

  constructor(
    private readonly chain: Chain,
    private readonly unknowns: Unknowns,
    private readonly retention: Retention,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(0);
  }

  onApplicationShutdown(): void {
    this.isEnding = true;
    clearTimeout(this.timer);
  }

  private schedule(inMs: number): void {
    if (this.isEnding) return;
    this.timer = setTimeout(() => void this.look(), inMs).unref();
  }

  /** A database that is away has told so itself; it is looked for again. */
  private async look(): Promise<void> {
    await this.chain.look().catch(() => undefined);
    await this.unknowns.settle().catch(() => undefined);
    if (performance.now() - this.removedAtMs > RETENTION_MS) {
      const isDone = await this.retention.run().then(
        () => true,
        () => false,
      );
      if (isDone) this.removedAtMs = performance.now();
    }
    this.schedule(EVERY_MS);
  }
}
