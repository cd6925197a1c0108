import { type JSONWebKeySet, type JWTVerifyGetKey, createLocalJWKSet, errors } from 'jose';
import { Failure } from '#contract';
import type { Logger } from '#telemetry';

const FRESH_MS = 10 * 60_000;
/** Without a word from the provider its keys stay in use for so long. */
const OLDEST_MS = 24 * 3600_000;
/** Between two fetches for keys that are not known: a flood of made-up key ids makes no flood of fetches. */
const SPACE_MS = 30_000;
/** After a fetch that failed. */
const RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;

interface Held {
  readonly find: JWTVerifyGetKey;
  readonly atMs: number;
}

/** Never a word of what was answered. */
const reasonOf = (error: unknown): string => {
  if (error instanceof SyntaxError) return 'the answer is no JSON';
  const { message, cause } = error as { message?: string; cause?: { code?: string } };
  return cause?.code ?? message ?? 'unknown';
};

/**
 * The public keys of the company's identity provider. jose's own remote set would take keys that were withdrawn hours ago
 * once more, give up those that are good when the provider is away, and ask it again for every caller while it is.
 */
export class ProviderKeys {
  private held?: Held;
  private loading?: Promise<void>;
  private quietUntilMs = 0;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  /**
   * For jose: the key that a token's header names; one that is not known makes it look once more.
   * @throws Failure IDENTITY_PROVIDER_UNAVAILABLE where there are no keys to look at.
   */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    if (this.ageMs() > FRESH_MS) await this.load();
    try {
      return await this.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.load(SPACE_MS);
      return await this.find(header, token);
    }
  };

  private find(...[header, token]: Parameters<JWTVerifyGetKey>): ReturnType<JWTVerifyGetKey> {
    if (this.held && this.ageMs() < OLDEST_MS) return this.held.find(header, token);
    throw new Failure('IDENTITY_PROVIDER_UNAVAILABLE', undefined, { retryAfterS: RETRY_MS / 1000 });
  }

  private ageMs(): number {
    return this.held ? performance.now() - this.held.atMs : Infinity;
  }

  /** Fetches the keys, once for all who wait; what fails leaves those that are held. */
  private async load(quietMs = 0): Promise<void> {
    if (!this.loading && performance.now() < this.quietUntilMs) return;
    this.loading ??= this.fetch(quietMs).finally(() => delete this.loading);
    await this.loading;
  }

  private async fetch(quietMs: number): Promise<void> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(this.url, { redirect: 'error', headers: { accept: 'application/json' }, signal });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      const find = createLocalJWKSet((await response.json()) as JSONWebKeySet);
      this.held = { find, atMs: performance.now() };
      this.quietUntilMs = performance.now() + quietMs;
    } catch (error) {
      this.quietUntilMs = performance.now() + Math.max(quietMs, RETRY_MS);
      this.logger.event('error', 'JWT_JWKS_URL: the keys of the identity provider cannot be fetched', {
        reason: reasonOf(error),
      });
    }
  }
}
