import { LRUCache } from 'lru-cache';
import type { Bus } from '#state';

/** What a change touched; of one that is not settled for how long nothing is to be remembered. */
interface Change {
  readonly tags: readonly string[];
  readonly unsettledMs: number;
}

interface Bounds {
  /** How long what was asked for before a change may still be kept or under way. */
  readonly rememberMs: number;
  readonly mostUnsettledMs: number;
}

/** What replicas tell each other under. */
const TOPIC = 'changed';
const MAX_TAGS = 50_000;

/** When what was last changed, here or by another replica: what was asked for until then is not to be shown. */
export class Changes {
  private readonly changed: LRUCache<string, number>;
  /** The last change of anything. */
  lastMs = 0;
  /** The last change of which it is not remembered what it touched. */
  private evictedMs = 0;

  constructor(
    private readonly bus: Bus,
    private readonly bounds: Bounds,
    /** Others may have changed anything. */
    private readonly forgetAll: () => void,
  ) {
    this.changed = new LRUCache({
      // By size: `max` would take its memory for so many at once.
      ...{ maxSize: MAX_TAGS, sizeCalculation: () => 1 },
      ttl: bounds.rememberMs,
      // Whatever may have been changed by then is not shown any more.
      dispose: (changedMs, _, reason) => {
        if (reason === 'evict') this.evictedMs = Math.max(this.evictedMs, changedMs);
      },
    });
    bus.hear(
      TOPIC,
      (message) => this.hear(message),
      () => this.miss(),
    );
  }

  /** Notes a change, and tells the others before whoever made it goes on. */
  async tell(change: Change): Promise<void> {
    this.note(change);
    await this.bus.tell(TOPIC, JSON.stringify(change));
  }

  /** Whether nothing of it was changed since it was asked for. */
  leave({ tags, askedMs }: { readonly tags: readonly string[]; readonly askedMs: number }): boolean {
    return askedMs > this.evictedMs && tags.every((tag) => (this.changed.get(tag) ?? -1) < askedMs);
  }

  /** What is unsettled stays so, whatever is changed after it. */
  private note({ tags, unsettledMs }: Change): void {
    this.lastMs = performance.now();
    const untilMs = this.lastMs + unsettledMs;
    for (const tag of tags) this.changed.set(tag, Math.max(untilMs, this.changed.get(tag) ?? 0));
  }

  private hear(message: string): void {
    const change = read(message);
    if (!change) return this.miss();
    this.note({ ...change, unsettledMs: Math.min(change.unsettledMs, this.bounds.mostUnsettledMs) });
  }

  private miss(): void {
    this.lastMs = this.evictedMs = performance.now();
    this.forgetAll();
  }
}

/** @returns undefined for what no replica says. */
function read(message: string): Change | undefined {
  try {
    const { tags, unsettledMs } = JSON.parse(message) as Record<string, unknown>;
    if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string')) return undefined;
    return typeof unsettledMs === 'number' && unsettledMs >= 0 ? { tags, unsettledMs } : undefined;
  } catch {
    return undefined;
  }
}
