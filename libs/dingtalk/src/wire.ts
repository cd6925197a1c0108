import { Agent, type Dispatcher } from 'undici';
import { type Deadline, Stage } from '#telemetry';

/** Bytes of an answer that are read; a longer one is cut and refused. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** A keep-alive pool for each host. How many calls of an API are under way at the same time is up to its lane. */
const createPool = (): Agent =>
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
const endedBy = ({ isTimeUp }: Deadline, sent: boolean): NetworkFault =>
  new NetworkFault(isTimeUp ? 'deadline' : 'given up', sent, 'ABORTED');

/** Who is told how far a call has got. */
interface Steps {
  /** It is written to a connection. */
  sent(): void;
  /** The first of the answer is there. */
  answered(): void;
}

/** What a call goes by. */
export interface Passage {
  readonly deadline: Deadline;
  readonly steps?: Steps;
}

const systemCode = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/** A request as it is written. */
export interface WireRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Collects one answer. It ends once: by the answer, by a fault of the network or by the deadline. */
class Collector implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private controller?: Dispatcher.DispatchController;
  private status = 0;
  private headers: Headers = {};
  private sent = false;
  private readonly leave: () => void;

  constructor(
    private readonly passage: Passage,
    private readonly done: (answer: WireAnswer) => void,
    private readonly failed: (fault: NetworkFault) => void,
  ) {
    this.leave = passage.deadline.onEnd(this.onDeadline);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.passage.deadline.isOver) return controller.abort(new Error('deadline'));
    this.controller = controller;
    this.sent = true;
    this.passage.steps?.sent();
  }

  onResponseStart(_: unknown, status: number, headers: Headers): void {
    this.passage.steps?.answered();
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.leave();
    const { status, headers, chunks } = this;
    this.done({ status, headers, text: textOf(chunks) });
  }

  onResponseError(_: unknown, error: Error): void {
    this.leave();
    const code = systemCode(error);
    const reason = code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too large' : 'connection';
    this.failed(new NetworkFault(reason, this.sent, code));
  }

  private readonly onDeadline = (): void => {
    this.failed(endedBy(this.passage.deadline, this.sent));
    this.controller?.abort(new Error('deadline'));
  };
}

const textOf = (chunks: readonly Buffer[]): string =>
  (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8');

/** HTTP as DingTalk is called: a keep-alive pool, no redirects, no proxy, answers cut, one deadline for the whole call. */
export class Wire {
  private readonly pool = createPool();
  private readonly sending = new Stage();
  private readonly answered = new Stage();

  /** @throws NetworkFault */
  exchange(request: WireRequest, passage: Passage): Promise<WireAnswer> {
    if (passage.deadline.isOver) return Promise.reject(endedBy(passage.deadline, false));
    return new Promise((done, failed) => {
      const answer = (answered: WireAnswer) => this.answered.enter(() => done(answered));
      const collector = new Collector(passage, answer, failed);
      this.sending.enter(() => {
        // Whoever has given up meanwhile would take a connection along.
        if (!passage.deadline.isOver) this.pool.dispatch(request, collector);
      });
    });
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}
