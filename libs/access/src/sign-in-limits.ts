import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Limiter } from '#state';
import { type Quota, mustBeAllowed } from './caller-limits.js';

/** A whole office may sign in from one address: 1,200 times a minute, but only 120 of them may fail. */
const ALLOWANCE = { points: 1200, windowMs: 60_000 };
const FAILED_POINTS = 9;

/** Addresses share about a million buckets, so that no flood of addresses fills the store. */
const BUCKET_LENGTH = 5;

/** What one network owns: an IPv4 address, or the first half of an IPv6 one. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
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
    private readonly limiter: Limiter,
  ) {}

  /** Counts an attempt; one that fails by the caller's fault counts ten times. */
  async attempt<Result>(request: { ip: string; quota?: Quota }, work: () => Promise<Result>): Promise<Result> {
    const name = this.nameOf(request.ip);
    const quota: Quota = { name: 'sign-in', ...ALLOWANCE, ...(await this.limiter.take(name, 1, ALLOWANCE)) };
    request.quota = quota;
    mustBeAllowed(quota);
    try {
      return await work();
    } catch (error) {
      if (error instanceof Failure && error.row.blame === 'caller') {
        const failed = await this.limiter.take(name, FAILED_POINTS, ALLOWANCE);
        request.quota = { ...quota, left: failed.left };
      }
      throw error;
    }
  }

  /** Keyed, so that nobody can look for an address that shares another's bucket. */
  private nameOf(address: string): string {
    const key = createHmac('sha256', this.settings.dingtalk.clientSecret).update(networkOf(address)).digest('hex');
    return `sign-in:${key.slice(0, BUCKET_LENGTH)}`;
  }
}
