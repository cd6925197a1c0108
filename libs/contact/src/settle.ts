import { Failure } from '#contract';

export const isNotFound = (error: unknown): boolean => error instanceof Failure && error.code === 'NOT_FOUND';

const isUnknown = (error: unknown): boolean => error instanceof Failure && error.code === 'OUTCOME_UNKNOWN';

/**
 * Makes a change whose answer may get lost. Then it is looked for what it was to bring about: where that is found, the
 * change is made; where it is not, it may still come.
 * @param find what is there now, undefined where that does not show the change.
 * @throws Failure OUTCOME_UNKNOWN where reading back cannot tell.
 */
export async function settled<Result>(
  change: () => Promise<Result>,
  find: () => Promise<Result | undefined>,
): Promise<Result> {
  try {
    return await change();
  } catch (error) {
    const found = isUnknown(error) ? await find().catch(() => undefined) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

/** Whether what was to be deleted is no more; undefined where it is still there. */
export const isGone = (read: () => Promise<unknown>): Promise<true | undefined> =>
  read().then(
    () => undefined,
    (error: unknown) => {
      if (isNotFound(error)) return true;
      throw error;
    },
  );
