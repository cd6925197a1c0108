import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What is signed: where the chain ends, and where it begins. */
export interface Signable {
  readonly sequence: number;
  readonly hash: string;
  readonly timeMs: number;
  readonly baseSequence?: number;
  readonly baseHash?: string;
  readonly baseLedger?: string;
  readonly signedFrom?: number;
}

const textOf = ({ sequence, hash, timeMs, ...begin }: Signable): string => {
  const { baseSequence = 0, baseHash = '', baseLedger = '', signedFrom = 0 } = begin;
  const told = [sequence, hash, timeMs, baseSequence, baseHash, baseLedger, signedFrom];
  return JSON.stringify(['dingtalk-contact-gateway trail', ...told]);
};

/** A word for a key, which says nothing of it: operators see which one has signed. */
const nameOf = (key: string): string => createHash('sha256').update(`name:${key}`).digest('hex').slice(0, 8);

const sign = (key: string, signable: Signable): string =>
  `${nameOf(key)}:${createHmac('sha256', key).update(textOf(signable)).digest('hex')}`;

/** Signs with the newest key, and believes what any of them has signed. */
export class Signer {
  constructor(private readonly keys: readonly string[]) {}

  get canSign(): boolean {
    return this.keys.length > 0;
  }

  sign(signable: Signable): string | null {
    const [key] = this.keys;
    return key === undefined ? null : sign(key, signable);
  }

  /** Whether one of the keys has signed just this. */
  believes(signature: string | null, signable: Signable): boolean {
    if (signature === null) return false;
    const told = Buffer.from(signature);
    return this.keys.some((key) => {
      const right = Buffer.from(sign(key, signable));
      return told.length === right.length && timingSafeEqual(told, right);
    });
  }
}
