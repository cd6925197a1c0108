import { createHmac } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Buckets } from '#state';
import { type Quota, mustBeAllowed } from './caller-limits.js';

/** A whole office may sign in from one address: 1,200 times at once, 20 times a second; a tenth of them may fail. */
const BUCKET = { capacity: 1200, perS: 20 };
/** What an attempt costs until it has turned out well, and what of it comes back then. */
const COST = 10;
const BACK = 9;

/** Addresses share about a million buckets, so that no flood of addresses fills the store. */
const BUCKET_LENGTH = 5;

/** Without the port that some balancers write behind it. */
const withoutPort = (address: string): string =>
  /^([0-9.]+):[0-9]+$/.exec(address)?.[1] ?? /^\[([^\]]+)\](?::[0-9]+)?$/.exec(address)?.[1] ?? address;

/** What one network owns: an IPv4 address, or the first half of an IPv6 one; what is no address is all one. */
export function networkOf(written: string): string {
  const address = withoutPort(written);
  const plain = /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address;
  if (isIPv4(plain)) return plain;
  if (!isIPv6(address)) return 'unknown';
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - after.length }, () => '0');
  return [...groups, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

/** How often sign-ins may be tried from one address. */
@Injectable()
export class SignInLimits {
  constructor(
    private readonly settings: Settings,
    private readonly buckets: Buckets,
  ) {}

  /** Counts an attempt; one that fails by the caller's fault counts ten times, also before it is known. */
  async attempt<Result>(request: { ip: string; quota?: Quota }, work: () => Promise<Result>): Promise<Result> {
    const name = this.nameOf(request.ip);
    const { allowed, left, waitMs, fullMs } = await this.buckets.take(name, COST, BUCKET);
    const { capacity: most, perS } = BUCKET;
    request.quota = { name: 'sign-in', allowed, most, windowMs: (most / perS) * 1000, left, resetMs: fullMs, waitMs };
    mustBeAllowed(request.quota);
    try {
      const result = await work();
      await this.buckets.giveBack(name, BACK, BUCKET);
      return result;
    } catch (error) {
      const isGuess = error instanceof Failure && error.row.blame === 'caller';
      if (!isGuess) await this.buckets.giveBack(name, BACK, BUCKET);
      throw error;
    }
  }

  /** Keyed, so that nobody can look for an address that shares another's bucket. */
  private nameOf(address: string): string {
    const key = createHmac('sha256', this.settings.dingtalk.clientSecret).update(networkOf(address)).digest('hex');
    return `sign-in:${key.slice(0, BUCKET_LENGTH)}`;
  }
}
