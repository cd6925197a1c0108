import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_MS = 250;
/** A store that is away for longer has lost more than this. */
const MOST_TRIES = (10 * 60_000) / AGAIN_MS;
const MOST_AT_ONCE = 10_000;

/**
 * What was got once and cannot be got again, and was not kept since the store was away: it is held here, and kept as soon as
 * that is back. A refresh token that is lost signs its person out.
 */
export class Unkept {
  private readonly held = new Map<string, () => Promise<void>>();

  /** Keeps it, now or later. @throws as `keep` does, where it is not kept yet. */
  async keep(name: string, keep: () => Promise<void>): Promise<void> {
    try {
      await keep();
    } catch (error) {
      if (this.held.size < MOST_AT_ONCE) {
        this.held.set(name, keep);
        void this.keepLater(name, keep);
      }
      throw error;
    }
  }

  /** @returns whether there was anything to be kept, which is kept now. */
  async keepNow(name: string): Promise<boolean> {
    const keep = this.held.get(name);
    if (!keep) return false;
    await keep();
    this.drop(name);
    return true;
  }

  drop(name: string): void {
    this.held.delete(name);
  }

  private async keepLater(name: string, keep: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && this.held.get(name) === keep; tries += 1) {
      await pause(AGAIN_MS, undefined, { ref: false });
      if (this.held.get(name) !== keep) return;
      await keep().then(
        () => this.drop(name),
        () => undefined,
      );
    }
    if (this.held.get(name) === keep) this.drop(name);
  }
}
