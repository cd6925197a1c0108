import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { QuotaWindow } from './quota-window.js';

let nowMs: number;

beforeEach(() => {
  nowMs = 5000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const windowOf = (most: number) => new QuotaWindow(most, () => undefined);

/** Takes a place and answers it after so long on the wire. */
function call(window: QuotaWindow, tookMs: number): boolean {
  const place = window.take();
  place?.sent();
  nowMs += tookMs;
  place?.answered();
  return place !== undefined;
}

describe('the window of an API’s quota', () => {
  it('has so many places, and they are free again a second after DingTalk answered', () => {
    const window = windowOf(2);
    expect([call(window, 100), call(window, 0), call(window, 0)]).toEqual([true, true, false]);
    nowMs += 1000;
    expect(window.take()).toBeUndefined();
    nowMs += 11;
    expect([window.take(), window.take(), window.take()].map(Boolean)).toEqual([true, true, false]);
  });

  it('counts a call that is not answered from when it was sent, with time for its way', () => {
    const window = windowOf(1);
    window.take()?.sent();
    nowMs += 1300;
    expect(window.take()).toBeUndefined();
    nowMs += 11;
    expect(window.take()).toBeDefined();
  });

  it('keeps the place of a call that waits for a connection, and gives back that of one never sent', () => {
    const window = windowOf(1);
    const place = window.take();
    nowMs += 60_000;
    expect(window.take()).toBeUndefined();
    if (place) window.giveBack(place);
    expect(window.take()).toBeDefined();
  });

  it('tells how long somebody waits who has others before them', () => {
    const window = windowOf(2);
    expect([window.waitMs(0), window.waitMs(1)]).toEqual([0, 0]);
    call(window, 0);
    nowMs += 500;
    call(window, 0);
    expect([0, 1, 2, 3, 4].map((before) => Math.round(window.waitMs(before)))).toEqual([510, 1010, 1520, 2020, 2530]);
  });

  it('tells it where it is not full, as while calls are kept back', () => {
    const window = windowOf(2);
    expect([0, 1, 2, 3, 4].map((before) => Math.round(window.waitMs(before)))).toEqual([0, 0, 1010, 1010, 2020]);
    call(window, 0);
    expect([0, 1, 2, 3].map((before) => Math.round(window.waitMs(before)))).toEqual([0, 1010, 1010, 2020]);
  });

  it('may be narrowed while it is full', () => {
    const window = windowOf(4);
    for (let count = 0; count < 4; count += 1) call(window, 0);
    window.most = 2;
    expect(Math.round(window.waitMs(0))).toBe(1010);
    nowMs += 1011;
    expect([window.take(), window.take(), window.take()].map(Boolean)).toEqual([true, true, false]);
  });

  it('lets no more than its number through in any second, whenever calls come and however long they take', () => {
    const most = 20;
    const window = windowOf(most);
    const arrivals: number[] = [];
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const onTheirWay: { atMs: number; place: { answered(): void } }[] = [];
    for (let step = 0; step < 60_000; step += 1) {
      nowMs += random() * 2;
      for (const one of onTheirWay.filter(({ atMs }) => atMs <= nowMs)) {
        one.place.answered();
        onTheirWay.splice(onTheirWay.indexOf(one), 1);
      }
      const place = window.take();
      if (!place) continue;
      place.sent();
      // It arrives somewhere between being sent and being answered.
      const tookMs = random() * 280;
      arrivals.push(nowMs + random() * tookMs);
      onTheirWay.push({ atMs: nowMs + tookMs, place });
    }
    arrivals.sort((a, b) => a - b);
    const within = arrivals.map((atMs, index) => arrivals.slice(index).findIndex((later) => later > atMs + 1000));
    expect(Math.max(...within)).toBeLessThanOrEqual(most);
    expect(arrivals.length / ((nowMs - 5000) / 1000)).toBeGreaterThan(most * 0.75);
  });
});
