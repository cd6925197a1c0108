import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';

const BETWEEN_MS = 50;

/** How one request of many ended. */
export interface Result {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly code?: string;
  readonly ms: number;
  readonly method: string;
}

export interface Request {
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT';
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface Load {
  readonly urls: readonly string[];
  /** Requests at the same time. */
  readonly callers: number;
  readonly next: (index: number) => Request;
}

async function send(pool: Pool, { path, method = 'GET', headers, body }: Request): Promise<Result> {
  const startMs = performance.now();
  const ended = (status: number, code?: string): Result => ({
    status,
    code,
    ms: performance.now() - startMs,
    method,
  });
  try {
    const answer = await pool.request({
      ...{ path, method },
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isTold = answer.statusCode >= 400 && String(answer.headers['content-type']).includes('json');
    return ended(answer.statusCode, isTold ? (JSON.parse(text) as { code?: string }).code : undefined);
  } catch (error) {
    return ended(0, String((error as { code?: unknown }).code ?? error));
  }
}

/** Asks and asks, in turn at each address, until it is told to end; gives how each request ended. */
export class Hammer {
  readonly results: Result[] = [];
  private isOver = false;
  private readonly pools: Pool[];
  private readonly workers: Promise<void>[];

  constructor({ urls, callers, next }: Load) {
    this.pools = urls.map((url) => new Pool(url, { connections: callers, pipelining: 1, headersTimeout: 30_000 }));
    let index = 0;
    const work = async () => {
      while (!this.isOver) {
        index += 1;
        const pool = this.pools[index % this.pools.length] as Pool;
        this.results.push(await send(pool, next(index)));
        // Gateways and callers share two cores: what is under load is not to be starved.
        await pause(BETWEEN_MS);
      }
    };
    this.workers = Array.from({ length: callers }, work);
  }

  /** Those that did not end well, by how. */
  get failed(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { status, code } of this.results) {
      if (status < 200 || status >= 400) counts[code ?? status] = (counts[code ?? status] ?? 0) + 1;
    }
    return counts;
  }

  async end(): Promise<readonly Result[]> {
    this.isOver = true;
    await Promise.all(this.workers);
    await Promise.all(this.pools.map((pool) => pool.destroy()));
    return this.results;
  }
}

export function percentile(results: readonly Result[], share: number): number {
  const sorted = results.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
