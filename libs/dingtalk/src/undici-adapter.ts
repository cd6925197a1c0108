import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { Agent, type Dispatcher } from 'undici';

/** Bytes of an answer that are read; a longer one is cut and refused. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** A keep-alive pool for each host. */
export const createPool = (): Agent =>
  new Agent({
    connections: 64,
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
function endedBy({ reason }: AbortSignal, sent: boolean): NetworkFault {
  const isLate = reason instanceof Error && reason.name === 'TimeoutError';
  return new NetworkFault(isLate ? 'deadline' : 'given up', sent, 'ABORTED');
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
    private readonly deadline: AbortSignal,
    private readonly done: (response: AxiosResponse<string>) => void,
    private readonly failed: (fault: NetworkFault) => void,
  ) {
    deadline.addEventListener('abort', this.onDeadline, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.deadline.aborted) return controller.abort(new Error('deadline'));
    this.controller = controller;
    this.sent = true;
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
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
    this.failed(endedBy(this.deadline, this.sent));
    this.controller?.abort(new Error('deadline'));
  };

  private leave(): void {
    this.deadline.removeEventListener('abort', this.onDeadline);
  }
}

/**
 * axios' adapter on undici: a keep-alive pool, no redirects, no proxy, answers cut, one deadline for the whole call.
 * The deadline is not axios' own `signal`, which would hide whether anything had been sent.
 */
export const undiciAdapter =
  (pool: Agent, deadline: AbortSignal): AxiosAdapter =>
  (config) => {
    if (deadline.aborted) return Promise.reject(endedBy(deadline, false));
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
        new Collector(config, deadline, done, failed),
      );
    });
  };
