/** How the store stands that replicas share. */
export interface StoreHealth {
  readonly isThere: boolean;
  /** Replicas that live, this one among them. */
  readonly replicas: number;
  /** Why it is away, in a word: `ECONNREFUSED`. */
  readonly reason: string;
}

/** Tells operators of the store. */
export abstract class StateHealth {
  /** undefined where this process shares nothing. */
  abstract tell(): StoreHealth | undefined;
}

export class MemoryHealth extends StateHealth {
  override tell(): undefined {
    return undefined;
  }
}
