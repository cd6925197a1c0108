import { describe, expect, it } from '@jest/globals';
import { ForbiddenException, type PipeTransform } from '@nestjs/common';
import type { ExternalContextCreator } from '@nestjs/core';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { StraightResolvers } from './straight-resolvers.js';

const contexts = {} as ExternalContextCreator;
new StraightResolvers(contexts);

class Door {
  readonly open = (): string => 'open';
}
const door = new Door();
const guarded = (...answers: unknown[]) => {
  const asked: number[] = [];
  const guards = answers.map((answer, at) => ({ canActivate: () => (asked.push(at), answer) }));
  const enter = contexts.createGuardsFn(guards, door, door.open, 'graphql') as (args: unknown[]) => unknown;
  return { enter, asked };
};

const pipe = (transform: PipeTransform['transform']): PipeTransform => ({ transform });
const param = (index: number, ...pipes: PipeTransform[]) => ({
  ...{ index, pipes, type: RouteParamtypes.QUERY, data: `name${index}` },
  extractValue: (...given: unknown[]) => given[index],
});

describe('guards of resolvers', () => {
  it('answer at once where none has to be waited for', () => {
    const { enter, asked } = guarded(true, true);
    expect(enter([])).toBeUndefined();
    expect(asked).toEqual([0, 1]);
  });

  it('are asked one after the other, and none after one that refuses', async () => {
    const { enter, asked } = guarded(true, Promise.resolve(true), Promise.resolve(false), true);
    await expect(enter([])).rejects.toThrow(ForbiddenException);
    expect(asked).toEqual([0, 1, 2]);
  });

  it.each([false, undefined, 'true', { subscribe: () => undefined }])('refuse by %p', (answer) => {
    const { enter } = guarded(answer, true);
    expect(() => enter([])).toThrow(ForbiddenException);
  });
});

describe('pipes of resolvers', () => {
  const more = pipe((value: number) => value + 1);
  const later = pipe(async (value: number) => value * 10);
  const fails = pipe(() => {
    throw new Error('a fault');
  });

  it('change values in the order in which they are bound, and are told what they look at', async () => {
    const told: unknown[] = [];
    const looks = pipe((value, metadata) => (told.push(metadata), value as unknown));
    const apply = contexts.createPipesFn([more], [param(0, later, more, looks), param(1)]);
    const args: unknown[] = [];
    await apply?.(args, 1, 2);
    expect(args).toEqual([21, 3]);
    expect(told).toEqual([{ data: 'name0', type: 'query', metatype: undefined }]);
  });

  it('answer at once where none has to be waited for', () => {
    const args: unknown[] = [];
    expect(contexts.createPipesFn([more], [param(0), param(1, more)])?.(args, 1, 2)).toBeUndefined();
    expect(args).toEqual([2, 4]);
  });

  it('fail by the first fault, whatever else is under way', async () => {
    const failsLater = pipe(async () => {
      await new Promise((wait) => setTimeout(wait, 5));
      throw new Error('a later fault');
    });
    const apply = contexts.createPipesFn([], [param(0, failsLater), param(1, fails)]);
    await expect(apply?.([], 1, 2)).rejects.toThrow('a fault');
  });
});
