import { type JWTVerifyGetKey, createRemoteJWKSet, customFetch } from 'jose';
import type { Logger } from '#telemetry';

const FRESH_MS = 10 * 60_000;
/** Without a word from the provider its keys stay in use for so long. */
const OLDEST_MS = 24 * 3600_000;
/** Between two fetches for keys that are not known yet: a flood of made-up key ids makes no flood of fetches. */
const SPACE_MS = 30_000;
/** Between two tries while there are no keys at all. */
const RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;

/** The public keys of the company's identity provider: fetched on first use, renewed behind their users. */
export class ProviderKeys {
  private readonly remote: ReturnType<typeof createRemoteJWKSet>;
  private fetchedAtMs = 0;
  /** No fetch before then: while there are no keys, and for keys that are not known yet. */
  private readonly quietUntilMs = { first: 0, again: 0 };

  constructor(
    url: string,
    private readonly logger: Logger,
  ) {
    this.remote = createRemoteJWKSet(new URL(url), {
      cacheMaxAge: OLDEST_MS,
      cooldownDuration: 0,
      timeoutDuration: TIMEOUT_MS,
      [customFetch]: (address, init) => this.fetch(address, init),
    });
  }

  /** Whether there are keys to check with. */
  get known(): boolean {
    return this.remote.jwks() !== undefined;
  }

  /** For jose: the key of a token's header; one that is not known makes it look once more. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const nowMs = performance.now();
    if (this.known && nowMs - this.fetchedAtMs > FRESH_MS && nowMs >= this.quietUntilMs.again) {
      this.remote.reload().catch(() => undefined);
    }
    return this.remote(header, token);
  };

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    const kind = this.known ? 'again' : 'first';
    if (performance.now() < this.quietUntilMs[kind]) throw new Error('asked a moment ago');
    this.quietUntilMs[kind] = performance.now() + (kind === 'first' ? RETRY_MS : SPACE_MS);
    try {
      const response = await fetch(url, init);
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      this.fetchedAtMs = performance.now();
      return response;
    } catch (error) {
      const { message, cause } = error as { message?: string; cause?: { code?: string } };
      this.logger.event('error', 'keys of the identity provider cannot be fetched', { reason: cause?.code ?? message });
      throw error;
    }
  }
}
