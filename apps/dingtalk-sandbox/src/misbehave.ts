import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Reply } from './call.js';
import type { Fault } from './levers.js';
import { oapiError, oapiWrapped, v1Error } from './replies.js';

const HTML = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';
const DRIP_MS = 250;

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

export function send(response: ServerResponse, { status, body, headers }: Reply): void {
  const text = textOf(body);
  const type = typeof body === 'string' ? 'text/html;charset=utf-8' : 'application/json;charset=utf-8';
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

const CHINA_MS = 8 * 3600_000;

/** `2026-11-22 10:00:01`, as DingTalk writes a time, which is China's. */
const timeOf = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 19).replace('T', ' ');

/** As DingTalk refuses an app that calls an API too often. */
export const throttled = (isV1: boolean, { ms = 1000 }: { readonly ms?: number } = {}): Reply =>
  isV1
    ? v1Error(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', '触发了应用维度的接口qps限流')
    : oapiWrapped(90018, `触发了qps流控,请求总次数超过 20 次,限制将在 ${timeOf(Date.now() + ms)} 结束`);

/** Whole answers that are wrong. */
const ANSWERS: Partial<Record<Fault['kind'], (isV1: boolean, fault: Fault) => Reply>> = {
  answer: (_, { status = 200, body = {}, headers }) => ({ status, body, headers }),
  busy: (isV1) => (isV1 ? v1Error(500, 'system.busy', '系统繁忙') : oapiError(-1, '系统繁忙')),
  throttle: throttled,
  ban: () => ({ status: 200, body: { status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'xxx' } }),
  html: () => ({ status: 200, body: HTML }),
  'server-error': () => ({ status: 502, body: HTML }),
  empty: () => ({ status: 200, body: '' }),
  null: () => ({ status: 200, body: 'null' }),
};

async function drip(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  for (const char of text) {
    if (response.destroyed) return;
    response.write(char);
    await pause(DRIP_MS);
  }
  response.end();
}

const FLOOD_BYTES = 300 * 1024 * 1024;

/** An answer without an end, as far as whoever asked reads it. */
async function flood(response: ServerResponse, bytes = FLOOD_BYTES): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(64 * 1024, ' ');
  for (let sent = 0; sent < bytes && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

/** Answers a call in the bad way that was asked for; `right` is what the answer would have been. */
export async function misbehave(response: ServerResponse, fault: Fault, isV1: boolean, right: Reply): Promise<void> {
  const answer = ANSWERS[fault.kind];
  const text = textOf(right.body);
  if (answer) return send(response, answer(isV1, fault));
  switch (fault.kind) {
    case 'latency':
      await pause(fault.ms ?? 1000);
      return send(response, right);
    case 'hang':
      return;
    case 'reset':
      response.destroy();
      return;
    case 'flood':
      return flood(response, fault.bytes);
    case 'truncate':
      return send(response, { status: 200, body: text.slice(0, text.length / 2) });
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, text.length / 2));
      await pause(50);
      response.destroy();
      return;
    default:
      return drip(response, text);
  }
}
