import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { conceal } from '#access';
import { type ExportRecord, ExportService } from '#contact';
import { type Caller, type DepartmentId, Failure } from '#contract';
import { Logger, currentRequest } from '#telemetry';
import type { Format, Told } from './formats.js';

interface Opening {
  readonly caller: Caller;
  readonly format: Format;
  readonly reply: FastifyReply;
}

/** Exports of one process at the same time: each keeps DingTalk busy. */
const MOST = 4;
const TRY_AGAIN_S = 30;

/** Whoever takes nothing for so long does not hold the export open. */
const IDLE_MS = 60_000;

/** Exports on their way to their callers, at the pace of these. */
@Injectable()
export class ExportStreams {
  private running = 0;

  constructor(
    private readonly exports: ExportService,
    private readonly logger: Logger,
  ) {}

  /**
   * Opens an export once its first record is there, so that what fails at the start is answered as any failure.
   * @throws Failure OVERLOADED where as many are open as may be.
   */
  async open(id: DepartmentId, { caller, format, reply }: Opening): Promise<Readable> {
    if (this.running >= MOST) throw new Failure('OVERLOADED', undefined, { retryAfterS: TRY_AGAIN_S });
    this.running += 1;
    const gone = new AbortController();
    // Not when the stream is closed, which waits for the call that is under way.
    reply.raw.once('close', () => gone.abort());
    const close = () => (this.running -= 1);
    const batches = this.exports.walk(id, gone.signal);
    try {
      const first = await batches.next();
      const told = this.told(first, batches, gone.signal);
      const text = this.write(told, format, caller);
      reply.raw.setTimeout(IDLE_MS, () => reply.raw.destroy());
      return Readable.from(text, { objectMode: false }).once('close', close);
    } catch (error) {
      close();
      throw error;
    }
  }

  private async *write(batches: AsyncIterable<readonly Told[]>, format: Format, caller: Caller) {
    let head = format.head;
    for await (const batch of batches) {
      const text = head + format.write(conceal(batch, caller) as Told[]);
      head = '';
      if (text !== '') yield text;
    }
  }

  /** The records; where they break off a last one that says so, and then the connection breaks too. */
  private async *told(
    first: IteratorResult<ExportRecord[], void>,
    rest: AsyncGenerator<ExportRecord[], void>,
    gone: AbortSignal,
  ): AsyncGenerator<readonly Told[]> {
    const { requestId = '' } = currentRequest() ?? {};
    try {
      if (!first.done) yield first.value;
      yield* rest;
    } catch (error) {
      if (gone.aborted) return;
      const failure = error instanceof Failure ? error : new Failure('INTERNAL');
      this.logger.event('warn', 'export broke off', { requestId, code: failure.code });
      yield [{ problem: { code: failure.code, requestId } }];
      throw error;
    }
  }
}
