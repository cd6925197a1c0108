/**
 * What all replicas together may have at a time, by name: each has places in it for a while. A process that shares nothing
 * has none of these, and counts for itself.
 */
export abstract class Places {
  /** In how many milliseconds those of all can be counted: 0 for now, Infinity while nobody can say. */
  abstract readonly countedInMs: number;
  /** By how many a limit is to be divided while they cannot. */
  abstract readonly replicas: number;
  /**
   * Takes a place of `most`, for at most so long.
   * @returns 0 where it was had, else about how many milliseconds until there may be one.
   * @throws Failure SESSION_STORE_UNAVAILABLE where nobody can be asked.
   */
  abstract take(name: string, id: string, most: number, forMs: number): Promise<number>;
  /** Says when the place will be free: so soon, and not later than was said before. */
  abstract leave(name: string, id: string, inMs: number): Promise<void>;
}
