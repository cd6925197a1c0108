import { Failure, type Soon } from '#contract';
import type { Deadline, Turn } from '#telemetry';
import { tooLate } from '../deadline.js';
import { type Place, WINDOW_MS, type Window } from './quota-window.js';
import { Turns } from './turns.js';

/** Calls of one API under way at the same time: one that hangs must not take the connections of the others. */
const MOST_UNDER_WAY = 100;
const MOST_WAITING = 1000;
/** However little the others want: nobody takes the whole of it. */
const MOST_OF_ONE = MOST_WAITING / 4;
/** What a call needs besides its wait, where DingTalk answers faster: with less left it is not begun. */
const LEAST_MS = 50;
/** How much one answer counts in how long they take. */
const WEIGHT = 0.1;
/** Between one more call a second and the next, after DingTalk has refused some. */
const RAISE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_WAIT_S = 300;

interface Waiting {
  readonly admit: (place: Place) => void;
  readonly refuse: (failure: Failure) => void;
}

const secondsOf = (ms: number): number => Math.min(LONGEST_WAIT_S, Math.max(1, Math.ceil(ms / 1000)));

/** The way to one API of DingTalk: how many calls a second, how many at a time, and in whose turn. */
export class Lane {
  private readonly window: Window;
  private readonly most: number;
  private readonly turns = new Turns<Waiting>();
  private underWay = 0;
  private wakeUp?: NodeJS.Timeout;
  /** No call until then; after it one, until one succeeds. */
  private pausedUntilMs = 0;
  private refusals = 0;
  private raisedMs = 0;
  /** How long DingTalk takes to answer. */
  private usualMs = 0;

  /** @param open makes the window of so many calls a second; it says when there may be a place again. */
  constructor(open: (changed: () => void) => Window) {
    this.window = open(() => this.proceed());
    this.most = this.window.most;
  }

  /**
   * Waits for one's turn.
   * @throws Failure DINGTALK_THROTTLED with Retry-After at once where it cannot come in time, OVERLOADED where too many wait.
   */
  enter(deadline: Deadline, turn: Turn): Soon<Place> {
    if (deadline.isOver) throw tooLate(deadline, 'deadline before the call');
    const place = this.turns.size === 0 ? this.takePlace() : undefined;
    if (place) return place;
    const waitMs = this.waitMs(this.turns.before(turn));
    const left = deadline.leftMs - this.needsMs;
    if (waitMs > left) throw this.throttled(waitMs - Math.max(0, left));
    const isFull = this.turns.size >= MOST_WAITING || this.turns.of(turn) >= MOST_OF_ONE;
    if (isFull) throw new Failure('OVERLOADED', undefined, { retryAfterS: 1, heldBack: true });
    return this.wait(deadline, turn);
  }

  /** The call is over, or was not sent at all. */
  leave(place: Place): void {
    this.underWay -= 1;
    if (place.tookMs !== undefined) this.usualMs += (place.tookMs - this.usualMs) * WEIGHT;
    if (place.leavesMs === Infinity) this.window.giveBack(place);
    else this.proceed();
  }

  /** DingTalk took the call: after a refusal it is asked for a little more, second by second. */
  succeeded({ takenMs }: Place): void {
    if (takenMs < this.pausedUntilMs) return;
    this.refusals = 0;
    const nowMs = performance.now();
    if (this.window.most < this.most && nowMs - this.raisedMs > RAISE_MS) {
      this.window.most += 1;
      this.raisedMs = nowMs;
    }
  }

  /**
   * DingTalk refused the call for coming too often: nothing is sent for as long as it said, or ever longer, and then half
   * as much. What was on its way together with it is the same refusal.
   * @returns the milliseconds of the pause, undefined where it had begun.
   */
  refused({ takenMs }: Place, retryAfterS: number): number | undefined {
    if (takenMs < this.pausedUntilMs) return undefined;
    this.refusals += 1;
    const backOffMs = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** (this.refusals - 1));
    // Whatever it said, it is asked again after a while.
    const pauseMs = Math.max(Math.min(retryAfterS, LONGEST_WAIT_S) * 1000, backOffMs);
    this.raisedMs = this.pausedUntilMs = performance.now() + pauseMs;
    this.window.most = Math.max(1, Math.floor(this.window.most / 2));
    return pauseMs;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.turns.size;
  }

  /** Calls that are under way. */
  get running(): number {
    return this.underWay;
  }

  private get room(): number {
    return this.refusals > 0 ? 1 : MOST_UNDER_WAY;
  }

  private takePlace(): Place | undefined {
    if (this.underWay >= this.room || performance.now() < this.pausedUntilMs) return undefined;
    const place = this.window.take();
    if (place) this.underWay += 1;
    return place;
  }

  private waitMs(before: number): number {
    const pauseMs = this.pausedUntilMs - performance.now();
    if (pauseMs <= 0) return this.window.waitMs(before);
    return pauseMs + Math.floor(before / this.window.most) * WINDOW_MS;
  }

  /** Half as much again as DingTalk usually takes. */
  private get needsMs(): number {
    return Math.max(LEAST_MS, this.usualMs * 1.5);
  }

  private wait(deadline: Deadline, turn: Turn): Promise<Place> {
    return new Promise((done, failed) => {
      const end = () => {
        clearTimeout(late);
        leave();
        this.turns.remove(turn, waiting);
      };
      const waiting: Waiting = {
        admit: (place) => (end(), done(place)),
        refuse: (failure) => (end(), failed(failure)),
      };
      const giveUp = () =>
        waiting.refuse(deadline.isTimeUp ? this.lateFailure() : tooLate(deadline, 'waited for a turn'));
      const late = setTimeout(() => waiting.refuse(this.lateFailure()), deadline.leftMs - this.needsMs);
      const leave = deadline.onEnd(giveUp);
      this.turns.add(turn, waiting);
      this.proceed();
    });
  }

  /** Lets in whoever is next, as far as there is room; else looks again when there may be. */
  private proceed(): void {
    while (this.turns.size > 0) {
      const place = this.takePlace();
      if (!place) break;
      this.turns.next()?.admit(place);
    }
    clearTimeout(this.wakeUp);
    if (this.turns.size > 0 && this.underWay < this.room) {
      this.wakeUp = setTimeout(() => this.proceed(), Math.max(1, this.waitMs(0)));
    }
  }

  private throttled(waitMs: number): Failure {
    const note = 'no call is allowed before the deadline';
    return new Failure('DINGTALK_THROTTLED', undefined, { retryAfterS: secondsOf(waitMs), heldBack: true, note });
  }

  private lateFailure(): Failure {
    if (this.underWay < this.room || this.refusals > 0) return this.throttled(this.waitMs(0));
    const note = 'the calls before it are not answered';
    return new Failure('DINGTALK_TIMEOUT', undefined, { heldBack: true, note });
  }
}
