import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Failure } from '#contract';
import { headersFor } from './headers.js';
import { toProblem } from './problem.js';

interface Broken {
  readonly status: number;
  readonly failure: Failure;
}

/** What Node’s parser makes of a request that it gives up. */
function brokenOf(code: string | undefined): Broken {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, failure: new Failure('TOO_LARGE', 'The address and the headers are larger than 16 KiB.') };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, failure: Failure.badInput('request', 'did not arrive in time') };
  }
  return { status: 400, failure: Failure.badInput('request', 'is not HTTP that can be read') };
}

/** Whether what was asked before on this connection is yet to be answered: two answers in one would be none. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse };
  return answer !== undefined && (answer.headersSent || answer.req.complete);
}

/** Answers what is no request, or arrives too slowly to become one, as everything else is answered; then it hangs up. */
export function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (isAnswering(socket)) return void socket.destroy();
  if (socket.writable) {
    const { status, failure } = brokenOf(error.code);
    const requestId = randomUUID();
    const problem = JSON.stringify({ ...toProblem(failure, requestId), status });
    const headers = [
      ...headersFor(false),
      ['content-type', 'application/problem+json; charset=utf-8'],
      ['content-length', String(Buffer.byteLength(problem))],
      ['x-request-id', requestId],
      ['connection', 'close'],
    ].map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('')}\r\n${problem}`);
  }
  socket.destroySoon();
}
