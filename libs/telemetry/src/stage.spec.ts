import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deadline } from './deadline.js';
import { type RequestContext, currentRequest, runInRequest } from './request-context.js';
import { Stage } from './stage.js';

const turns: (() => void)[] = [];
let utilization: number;
let nowMs = 1e9;
const deadline = new Deadline(Infinity);
const request = (requestId: string): RequestContext => ({ requestId, deadline });

beforeEach(() => {
  turns.length = 0;
  utilization = 0.5;
  jest.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1000));
  jest.spyOn(performance, 'eventLoopUtilization').mockImplementation(() => ({ idle: 0, active: 0, utilization }));
  jest.spyOn(globalThis, 'setImmediate').mockImplementation(((work: () => void) => turns.push(work)) as never);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a stage', () => {
  it('lets all who came within a turn go on together, in their order and each in its own request', () => {
    const stage = new Stage();
    const seen: (string | undefined)[] = [];
    const look = () => seen.push(currentRequest()?.requestId);
    runInRequest(request('a'), () => stage.enter(look));
    runInRequest(request('b'), () => stage.enter(look));
    stage.enter(look);
    runInRequest(request('c'), () => stage.enter(look));
    expect([seen, turns.length]).toEqual([[], 1]);
    runInRequest(request('of whoever came first'), () => turns.shift()?.());
    expect(seen).toEqual(['a', 'b', undefined, 'c']);
  });

  it('lets whoever comes meanwhile go on in the next turn', () => {
    const stage = new Stage();
    const seen: string[] = [];
    stage.enter(() => stage.enter(() => seen.push('second')));
    turns.shift()?.();
    expect(seen).toEqual([]);
    turns.shift()?.();
    expect(seen).toEqual(['second']);
  });

  /** How many went on in each turn. */
  function goOn(count: number): number[] {
    const stage = new Stage();
    const seen: number[] = [];
    const perTurn: number[] = [];
    for (let at = 0; at < count; at += 1) stage.enter(() => seen.push(at));
    for (let before = 0; turns.length > 0; before = seen.length) {
      turns.shift()?.();
      perTurn.push(seen.length - before);
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, at) => at));
    return perTurn;
  }

  it('lets eight go on in a turn while there is time to spare', () => {
    expect(goOn(20)).toEqual([8, 8, 4]);
  });

  it('lets all go on in one turn when there is none', () => {
    utilization = 0.95;
    expect(goOn(20)).toEqual([20]);
  });

  it('holds up nobody for one that fails', () => {
    const stage = new Stage();
    const seen: (string | undefined)[] = [];
    const look = () => seen.push(currentRequest()?.requestId);
    stage.enter(() => seen.push('a'));
    stage.enter(() => {
      throw new Error('a defect');
    });
    runInRequest(request('c'), () => stage.enter(look));
    stage.enter(look);
    const turn = () => runInRequest(request('of whoever came first'), () => turns.shift()?.());
    expect(turn).toThrow('a defect');
    turn();
    expect([seen, turns.length]).toEqual([['a', 'c', undefined], 0]);
  });
});
