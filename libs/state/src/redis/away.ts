import { Failure } from '#contract';

/** The store that replicas share does not answer; what can go on without it does. */
export const isStoreAway = (error: unknown): boolean =>
  error instanceof Failure && error.code === 'SESSION_STORE_UNAVAILABLE';

export const away = (): Failure => new Failure('SESSION_STORE_UNAVAILABLE', undefined, { retryAfterS: 1 });

/** In a word, without addresses: `ECONNREFUSED`, `READONLY`, `no answer in time`. */
export function reasonOf(error: unknown): string {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  return typeof code === 'string' ? code : (/^[A-Z]{3,}\b/.exec(message)?.[0] ?? 'not connected');
}
