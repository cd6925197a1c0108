import type { Soon } from '#contract';

/** Whoever hands out the token that a call carries. */
export interface Bearer {
  get(): Soon<string>;
  /** A token that differs from the refused one; renewed once for everybody who holds the refused one. */
  renew(refused: string): Promise<string>;
  /** The renewed token was refused too: nobody need try again at once. */
  giveUp(refused: string): Promise<void>;
}
