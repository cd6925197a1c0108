// Load at a steady rate, whatever the answers do: what waits does not slow it down.
import { Pool } from 'undici';
import { keyOf } from './programs.mjs';

const TICK_MS = 5;

/** So much of them are at most so long. */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * Sends so many operations a second for so many seconds; `next` says each, with its caller.
 * @returns each with how it ended, and the milliseconds since it was due.
 */
export async function load(url, { perS, seconds, next, progress }) {
  const pool = new Pool(url, { connections: 512, pipelining: 1, headersTimeout: 60_000 });
  const results = [];
  const send = async ({ caller = 0, query, variables }, dueMs) => {
    const result = { caller, ms: 0, code: 'ok', retryAfterS: 0 };
    results.push(result);
    try {
      const { statusCode, body } = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${keyOf(caller)}` },
        body: JSON.stringify({ query, variables }),
      });
      const { errors } = await body.json();
      const { code, retryAfter } = errors?.[0]?.extensions ?? {};
      Object.assign(result, {
        code: code ?? (statusCode === 200 ? 'ok' : `HTTP ${statusCode}`),
        retryAfterS: retryAfter,
      });
    } catch (error) {
      result.code = error.code ?? 'broken';
    }
    result.ms = performance.now() - dueMs;
  };
  const startMs = performance.now();
  const sent = [];
  while (sent.length < perS * seconds) {
    const due = Math.min(perS * seconds, Math.floor(((performance.now() - startMs) / 1000) * perS));
    while (sent.length < due) sent.push(send(next(sent.length), startMs + (sent.length / perS) * 1000));
    progress?.(sent.length / (perS * seconds));
    await new Promise((wait) => setTimeout(wait, TICK_MS));
  }
  await Promise.all(sent);
  await pool.destroy();
  return results;
}

/** The same, in figures. */
export function figures(results) {
  const ok = results.filter(({ code }) => code === 'ok');
  const codes = {};
  for (const { code } of results) codes[code] = (codes[code] ?? 0) + 1;
  return {
    asked: results.length,
    answered: ok.length / results.length,
    p50: percentile(
      ok.map(({ ms }) => ms),
      0.5,
    ),
    p99: percentile(
      ok.map(({ ms }) => ms),
      0.99,
    ),
    p99All: percentile(
      results.map(({ ms }) => ms),
      0.99,
    ),
    codes,
  };
}
