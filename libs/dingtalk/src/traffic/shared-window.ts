import { randomUUID } from 'node:crypto';
import type { Places } from '#state';
import { type Place, QuotaWindow, WINDOW_MS, type Window } from './quota-window.js';

/** How soon it is looked again whether the store has answered. */
const LOOK_MS = 10;
/** And whether there is a place: what the store said of the next one changes with every answer that others get. */
const AGAIN_MS = 100;
/** A call is sent by then, or its connection was not made: nobody holds a place for longer without saying so. */
const LONGEST_MS = 5000;
/** Before all count together again nobody counts alone any more. */
const TURN_MS = 100;
/** For a place that is told, whatever others have. */
const ANY = Number.MAX_SAFE_INTEGER;

/**
 * One quota over all replicas: a place is had from the store that they share before a call is sent. While that is away each
 * replica keeps to its share, and tells what it took as soon as it can.
 */
export class SharedWindow implements Window {
  /** What this replica has taken. */
  private readonly own: QuotaWindow;
  /** Was had from the store, and nobody has taken it yet. */
  private got?: Place;
  private isAsking = false;
  /** There is no place before then. */
  private nextMs = 0;

  constructor(
    public most: number,
    private readonly name: string,
    private readonly places: Places,
    private readonly changed: () => void,
  ) {
    this.own = new QuotaWindow(most, changed);
  }

  take(): Place | undefined {
    const { countedInMs } = this.places;
    if (countedInMs > 0) return countedInMs > TURN_MS ? this.takeOfShare() : undefined;
    const place = this.got;
    this.got = undefined;
    if (!place && !this.isAsking && performance.now() >= this.nextMs) void this.ask();
    return place;
  }

  giveBack(place: Place): void {
    place.told?.(0);
    this.own.giveBack(place);
  }

  waitMs(before: number): number {
    const { countedInMs } = this.places;
    if (countedInMs > TURN_MS) return this.own.waitMs(before);
    const nextMs = Math.max(countedInMs, this.isAsking ? LOOK_MS : 0, this.nextMs - performance.now());
    // What is left by the others: as much as of late, and its share at least.
    return nextMs + Math.floor(before / Math.max(this.share, this.own.size)) * WINDOW_MS;
  }

  private get share(): number {
    return Math.max(1, Math.floor(this.most / this.places.replicas));
  }

  private takeOfShare(): Place | undefined {
    this.own.most = this.share;
    const place = this.own.take();
    if (place) this.follow(place, ANY).catch(() => undefined);
    return place;
  }

  /** Whoever waits takes the place that is had; where nobody does any more, it is given back. */
  private async ask(): Promise<void> {
    this.isAsking = true;
    this.own.most = this.most;
    const place = this.own.take();
    try {
      // Where this replica alone has had so many there is none to be asked for.
      const waitMs = place ? await this.follow(place, this.most) : Math.max(1, this.own.waitMs(0));
      if (waitMs > 0) this.nextMs = performance.now() + Math.min(waitMs, AGAIN_MS);
      else this.got = place;
    } catch {
      // The store is away: the share is next. It may have given the place all the same.
      place?.told?.(0);
      this.nextMs = performance.now() + LOOK_MS;
    }
    this.isAsking = false;
    if (place && !this.got) this.own.giveBack(place);
    else this.changed();
    this.returnUntaken();
  }

  private returnUntaken(): void {
    const place = this.got;
    this.got = undefined;
    if (place) this.giveBack(place);
  }

  /** Tells the store of the place, and when it will be free. */
  private follow(place: Place, most: number): Promise<number> {
    const id = randomUUID();
    place.told = (inMs) => void this.places.leave(this.name, id, inMs).catch(() => undefined);
    return this.places.take(this.name, id, most, LONGEST_MS);
  }
}
