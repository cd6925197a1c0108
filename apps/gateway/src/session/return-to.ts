import type { PipeTransform } from '@nestjs/common';
import { Failure } from '#contract';
import { mustBeAlone } from '../edge/value.pipes.js';

/** As it is written in the end: it has to fit into a cookie. */
const MAX_LENGTH = 2048;
const BASE = 'http://own.invalid';
const ROUNDS = 3;

/** Begins with one slash and holds no backslash or control character. */
const isOwn = (path: string): boolean => /^\/(?![/\\])[^\\\u0000-\u001f\u007f-\u009f]*$/.test(path);

/** What a path becomes once everybody on the way has decoded it; undefined where it cannot be. */
function decoded(path: string): string | undefined {
  let text = path;
  try {
    for (let round = 0; round < ROUNDS; round += 1) text = decodeURIComponent(text);
  } catch {
    // A percent sign of its own is fine deeper down, as in a search for 100%; at the first level it is broken.
    return text === path ? undefined : text;
  }
  return text;
}

/**
 * A path of our own origin, as browsers read it: `//evil`, `/\evil`, `/.//evil` and what decodes to such are none.
 * @returns undefined for anything else.
 */
export function ownPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || !isOwn(value)) return undefined;
  const { pathname, search, hash } = new URL(value, BASE);
  const plain = decoded(pathname);
  if (plain === undefined || !isOwn(pathname) || !isOwn(plain)) return undefined;
  const path = `${pathname}${search}${hash}`;
  return isOwn(new URL(plain, BASE).pathname) && path.length <= MAX_LENGTH ? path : undefined;
}

/** The `returnTo` of a sign-in; the front page where there is none. */
export class ReturnToPipe implements PipeTransform<Readonly<Record<string, unknown>>, string> {
  transform({ returnTo = '/', ...others }: Readonly<Record<string, unknown>>): string {
    mustBeAlone(others);
    const path = ownPath(returnTo);
    if (path === undefined)
      throw Failure.badInput(
        'returnTo',
        'must be a path of this site, as /people?page=2, written with encodeURIComponent',
      );
    return path;
  }
}
