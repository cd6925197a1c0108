import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { Agent, type Dispatcher } from 'undici';
import { isTimeUp } from '#telemetry';

/** Bytes of an answer that are read; a longer one is cut and refused. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** A keep-alive pool for each host. How many calls of an API are under way at the same time is up to its lane. */
export const createPool = (): Agent =>
  new Agent({
    connect: { timeout: 3000 },
    maxResponseSize: MAX_ANSWER_BYTES,
    // The deadline of the call bounds these; two clocks for one thing would disagree.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

/** How far a call had got when it failed: what was never sent certainly did not run. */
export class NetworkFault extends Error {
  override readonly name = 'NetworkFault';

  constructor(
    readonly reason: 'deadline' | 'given up' | 'connection' | 'too large',
    readonly sent: boolean,
    /** The system's error code, as ECONNREFUSED. */
    readonly system: string,
  ) {
    super(`${reason} (${system})`);
  }
}

/** Time is up, or nobody waits for the answer any more. */
const endedBy = (signal: AbortSignal, sent: boolean): NetworkFault =>
  new NetworkFault(isTimeUp(signal) ? 'deadline' : 'given up', sent, 'ABORTED');

/** Who is told how far a call has got. */
interface Wire {
  /** It is written to a connection. */
  sent(): void;
  /** The first of the answer is there. */
  answered(): void;
}

/** What a call goes by. */
export interface Passage {
  readonly signal: AbortSignal;
  readonly wire?: Wire;
}

const systemCode = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/** Collects one answer. It ends once: by the answer, by a fault of the network or by the deadline. */
class Collector implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private controller?: Dispatcher.DispatchController;
  private status = 0;
  private headers: Record<string, string | string[] | undefined> = {};
  private sent = false;

  constructor(
    private readonly config: InternalAxiosRequestConfig,
    private readonly passage: Passage,
    private readonly done: (response: AxiosResponse<string>) => void,
    private readonly failed: (fault: NetworkFault) => void,
  ) {
    passage.signal.addEventListener('abort', this.onDeadline, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.passage.signal.aborted) return controller.abort(new Error('deadline'));
    this.controller = controller;
    this.sent = true;
    this.passage.wire?.sent();
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.passage.wire?.answered();
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.leave();
    const { config, status, headers } = this;
    this.done({
      data: Buffer.concat(this.chunks).toString('utf8'),
      status,
      statusText: '',
      headers: headers,
      config,
    });
  }

  onResponseError(_: unknown, error: Error): void {
    this.leave();
    const code = systemCode(error);
    const reason = code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too large' : 'connection';
    this.failed(new NetworkFault(reason, this.sent, code));
  }

  private readonly onDeadline = (): void => {
    this.failed(endedBy(this.passage.signal, this.sent));
    this.controller?.abort(new Error('deadline'));
  };

  private leave(): void {
    this.passage.signal.removeEventListener('abort', this.onDeadline);
  }
}

/**
 * axios' adapter on undici: a keep-alive pool, no redirects, no proxy, answers cut, one deadline for the whole call.
 * The deadline is not axios' own `signal`, which would hide whether anything had been sent.
 */
export const undiciAdapter =
  (pool: Agent, passage: Passage): AxiosAdapter =>
  (config) => {
    if (passage.signal.aborted) return Promise.reject(endedBy(passage.signal, false));
    const url = new URL(config.url ?? '');
    return new Promise<AxiosResponse<string>>((done, failed) => {
      pool.dispatch(
        {
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: config.method?.toUpperCase() ?? 'GET',
          headers: config.headers.toJSON() as Record<string, string>,
          body: config.data as string | undefined,
        },
        new Collector(config, passage, done, failed),
      );
    });
  };
