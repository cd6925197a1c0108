/** What DingTalk counts by, and a little for timers that are early and clocks that round. */
export const WINDOW_MS = 1010;
/** How long a call may be on its way before DingTalk counts it, where no answer has shown that it did. */
const ON_ITS_WAY_MS = 300;
const PERIOD_MS = WINDOW_MS + ON_ITS_WAY_MS;

/** One call that DingTalk counts, or may be about to. */
export class Place {
  /** When it cannot be in the same second as a call that is sent now. */
  leavesMs = Infinity;
  /** Until DingTalk began to answer. */
  tookMs?: number;
  /** Tells others who count the same call in how many milliseconds its place is free. */
  told?: (inMs: number) => void;
  private sentMs?: number;

  constructor(
    readonly takenMs: number,
    private readonly changed: () => void,
  ) {}

  /** It is on the wire. */
  sent(): void {
    this.sentMs = performance.now();
    this.leavesMs = this.sentMs + PERIOD_MS;
    this.told?.(PERIOD_MS);
    this.changed();
  }

  /** DingTalk has counted it, at the latest when it began to answer. */
  answered(): void {
    const nowMs = performance.now();
    this.tookMs = nowMs - (this.sentMs ?? nowMs);
    this.leavesMs = Math.min(this.leavesMs, nowMs + WINDOW_MS);
    this.told?.(WINDOW_MS);
    this.changed();
  }
}

/** Decides when there is a place for a call. Whoever waits for one is told when that may have changed. */
export interface Window {
  /** Calls a second; may be lowered while DingTalk allows fewer. */
  most: number;
  take(): Place | undefined;
  /** A call that was never sent. */
  giveBack(place: Place): void;
  /** About how long until there is a place for somebody, with so many before them. */
  waitMs(before: number): number;
}

/**
 * So many calls in any one second as DingTalk counts them, however long each took to get there: a place is free again a
 * second after DingTalk answered, not after the call was sent.
 */
export class QuotaWindow implements Window {
  private places: Place[] = [];
  private tidyAt = 0;

  constructor(
    public most: number,
    private readonly changed: () => void,
  ) {}

  take(): Place | undefined {
    if (this.places.length >= Math.min(this.most, this.tidyAt)) this.tidy();
    if (this.places.length >= this.most) return undefined;
    const place = new Place(performance.now(), this.changed);
    this.places.push(place);
    return place;
  }

  giveBack(place: Place): void {
    this.places = this.places.filter((other) => other !== place);
    this.changed();
  }

  /** Of the calls that count now. */
  get size(): number {
    this.tidy();
    return this.places.length;
  }

  waitMs(before: number): number {
    // Most who wait do so for something else: who has left meanwhile matters only where it looks full.
    if (before >= this.most - this.places.length) this.tidy();
    const free = Math.max(0, this.most - this.places.length);
    if (before < free) return 0;
    const nowMs = performance.now();
    const leaveMs = this.places.map(({ leavesMs }) => Math.min(leavesMs, nowMs + PERIOD_MS)).sort((a, b) => a - b);
    // Those beyond what is allowed now are not given again.
    const slots = leaveMs.slice(Math.max(0, leaveMs.length - this.most));
    const at = before % this.most;
    const firstMs = at < free ? nowMs : (slots[at - free] ?? nowMs);
    return firstMs + Math.floor(before / this.most) * WINDOW_MS - nowMs;
  }

  private tidy(): void {
    const nowMs = performance.now();
    this.places = this.places.filter(({ leavesMs }) => leavesMs > nowMs);
    this.tidyAt = 2 * this.places.length + 64;
  }
}
