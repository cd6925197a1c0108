import { performance } from 'node:perf_hooks';

/** An event loop without time to spare sleeps for less than a tenth of it. */
const BUSY = 0.9;
const LOOK_MS = 100;

/** Whether the event loop of this process has had time to spare lately. */
class Load {
  private since = performance.eventLoopUtilization();
  private nextMs = 0;
  private busy = false;

  get isBusy(): boolean {
    const nowMs = performance.now();
    if (nowMs >= this.nextMs) this.look(nowMs);
    return this.busy;
  }

  private look(nowMs: number): void {
    this.nextMs = nowMs + LOOK_MS;
    const until = performance.eventLoopUtilization();
    this.busy = performance.eventLoopUtilization(until, this.since).utilization > BUSY;
    this.since = until;
  }
}

/** One for the process. */
export const load = new Load();
