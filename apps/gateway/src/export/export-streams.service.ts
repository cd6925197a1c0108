import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { conceal } from '#access';
import { type Caller, Failure } from '#contract';
import { Deadline, Logger, currentRequest } from '#telemetry';
import { whenOver } from '../edge/when-over.js';
import type { Exported, Format } from './formats.js';

interface Opening {
  readonly caller: Caller;
  readonly format: Format;
  /** What its file is called. */
  readonly name: string;
  readonly reply: FastifyReply;
}

type Walk = (gone: Deadline) => AsyncGenerator<readonly Exported[], void>;

/** Exports of one process at the same time, and of one caller: each keeps DingTalk or the database busy, and a slow reader keeps it open. */
const MOST = 4;
const MOST_OF_ONE = 2;
const TRY_AGAIN_S = 30;

/** Whoever takes nothing for so long does not hold the export open. */
const IDLE_MS = 60_000;

/** Exports on their way to their callers, at the pace of these. */
@Injectable()
export class ExportStreams {
  /** Who has one open: each as often as they have. */
  private readonly running: string[] = [];

  constructor(private readonly logger: Logger) {}

  /**
   * Answers with an export, once its first record is there: what fails at the start is answered as any failure.
   * @param walk tells its records, a few at a time, until its caller is gone.
   * @throws Failure TOO_MANY_REQUESTS or OVERLOADED where the caller, or all together, have as many open as may be.
   */
  async answer(walk: Walk, opening: Opening): Promise<void> {
    const { format, name, reply } = opening;
    // Whoever asks for the headers alone is not to keep anybody busy.
    const stream = reply.request.method === 'HEAD' ? undefined : await this.open(walk, opening);
    await reply.type(format.type).header('content-disposition', `attachment; filename="${name}"`).send(stream);
  }

  private async open(walk: Walk, { caller, format, reply }: Opening): Promise<Readable> {
    const who = caller.kind === 'app' ? `app:${caller.id}` : `session:${caller.sessionKey}`;
    this.mustHaveRoom(who);
    this.running.push(who);
    const gone = new Deadline(Infinity);
    // Not when the stream is closed, which waits for the call that is under way.
    whenOver(reply, () => gone.end());
    const close = () => this.running.splice(this.running.indexOf(who), 1);
    const batches = walk(gone);
    try {
      const first = await batches.next();
      const told = this.told(first, batches, gone);
      const text = this.write(told, format, caller);
      reply.raw.setTimeout(IDLE_MS, () => reply.raw.destroy());
      return Readable.from(text, { objectMode: false }).once('close', close);
    } catch (error) {
      close();
      throw error;
    }
  }

  private mustHaveRoom(who: string): void {
    const details = { retryAfterS: TRY_AGAIN_S };
    if (this.running.filter((one) => one === who).length >= MOST_OF_ONE) {
      throw new Failure(
        'TOO_MANY_REQUESTS',
        `The caller has ${MOST_OF_ONE} exports open: wait for one to end.`,
        details,
      );
    }
    if (this.running.length >= MOST) throw new Failure('OVERLOADED', undefined, details);
  }

  private async *write(batches: AsyncIterable<readonly Exported[]>, format: Format, caller: Caller) {
    let head = format.head;
    for await (const batch of batches) {
      const text = head + format.write(conceal(batch, caller) as Exported[]);
      head = '';
      if (text !== '') yield text;
    }
  }

  /** The records; where they break off a last one that says so, and then the connection breaks too. */
  private async *told(
    first: IteratorResult<readonly Exported[], void>,
    rest: AsyncGenerator<readonly Exported[], void>,
    gone: Deadline,
  ): AsyncGenerator<readonly Exported[]> {
    const { requestId = '' } = currentRequest() ?? {};
    try {
      if (!first.done) yield first.value;
      yield* rest;
    } catch (error) {
      if (gone.isOver) return;
      const failure = error instanceof Failure ? error : new Failure('INTERNAL');
      this.logger.event('warn', 'export broke off', { requestId, code: failure.code });
      yield [{ problem: { code: failure.code, requestId } }];
      throw error;
    }
  }
}
