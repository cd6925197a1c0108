import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Deadline } from './deadline.js';
import { type RequestContext, currentRequest, runInRequest } from './request-context.js';
import { Stage } from './stage.js';

const turns: (() => void)[] = [];
const deadline = new Deadline(Infinity);
const request = (requestId: string): RequestContext => ({ requestId, deadline });

beforeEach(() => {
  turns.length = 0;
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
