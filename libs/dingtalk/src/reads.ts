import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Settings } from '#config';
import { Failure } from '#contract';
import { Bus } from '#state';
import { type Deadline, Metrics, currentRequest, finished } from '#telemetry';
import { countCall } from './calls.js';
import { Changes } from './changes.js';
import { DingTalkClient, type TokenHolder } from './client.js';
import { deadlineOf } from './deadline.js';
import type { AppEndpoint, PersonEndpoint } from './endpoint.js';
import { Flight } from './flight.js';

type Readable<Input, Output> = AppEndpoint<Input, Output> | PersonEndpoint<Input, Output>;

/** An answer, and when DingTalk was asked for it. */
interface Kept {
  readonly output: unknown;
  readonly askedMs: number;
  readonly tags: readonly string[];
}

interface Asked<Input, Output> {
  readonly endpoint: Readable<Input, Output>;
  readonly input: Input;
  readonly holder?: TokenHolder;
  readonly key: string;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ENTRY_BYTES = 1024 * 1024;

/** Of the JSON text: an object takes about twice that. */
const bytesOf = ({ output }: Kept): number => 2 * JSON.stringify(output).length + 200;

/**
 * Reads that are remembered for a short while. All who ask for the same at the same time share one call; whoever changes
 * something through the gateway never reads what was before.
 *
 * An answer is shown as long as nothing that it shows was changed after DingTalk was asked for it. What depends on whose
 * token it was read with is kept under that session; the rights of fields are applied to each answer, later.
 */
@Injectable()
export class Reads {
  private readonly kept: LRUCache<string, Kept>;
  private readonly changes: Changes;
  private readonly answered;
  /** A Map into which much comes and goes leaves tables behind whose garbage holds what came after it. */
  private readonly flights = Object.create(null) as Record<string, Flight | undefined>;
  private readonly rememberMs: number;

  constructor(
    private readonly settings: Settings,
    private readonly client: DingTalkClient,
    bus: Bus,
    metrics: Metrics,
  ) {
    const help = 'Reads by who answered: what is remembered, a call that was under way for others, or DingTalk';
    this.answered = metrics.counter('gateway_reads_total', help, ['from']);
    this.rememberMs = settings.reads.rememberS * 1000;
    this.kept = new LRUCache({
      ...{ max: MAX_ENTRIES, maxSize: MAX_BYTES, maxEntrySize: MAX_ENTRY_BYTES, sizeCalculation: bytesOf },
      ...{ ttl: Math.max(1, this.rememberMs), ttlResolution: 0 },
    });
    // As long as anything that was asked for before may still be kept or under way.
    const rememberMs = 2 * this.rememberMs + 2 * settings.dingtalk.timeoutMs;
    this.changes = new Changes(bus, { rememberMs, mostUnsettledMs: this.rememberMs }, () => this.kept.clear());
  }

  /** What DingTalk answers, or answered a short while ago. With `Cache-Control: no-cache` it is asked. */
  read<Input, Output>(endpoint: AppEndpoint<Input, Output>, input: Input): Promise<Output>;
  read<Input, Output>(endpoint: PersonEndpoint<Input, Output>, input: Input, holder: TokenHolder): Promise<Output>;
  read<Input, Output>(endpoint: Readable<Input, Output>, input: Input, holder?: TokenHolder): Promise<Output> {
    const asked = { endpoint, input, holder, key: keyOf(endpoint, input, holder) };
    const kept = currentRequest()?.readsThrough ? undefined : this.kept.get(asked.key);
    if (kept && this.changes.leave(kept)) {
      this.answered.inc({ from: 'memory' });
      return Promise.resolve(kept.output as Output);
    }
    return this.ask(asked, () => countCall(this.settings.dingtalk.callsMax));
  }

  /** What DingTalk answers now, for a change: it is not counted among the calls of the request. */
  readAnew<Input, Output>(endpoint: AppEndpoint<Input, Output>, input: Input): Promise<Output> {
    return this.ask({ endpoint, input, key: keyOf(endpoint, input) }, () => undefined);
  }

  /**
   * Makes a change, after which what it touches is forgotten, be it kept or under way. A change whose outcome is not known
   * may still come about: what it touches is not remembered for a while.
   * @param touched the tags, by the change's result where it has one.
   */
  change<Result>(
    touched: (result: Result | undefined) => readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    return finished(this.changeAndTell(touched, work));
  }

  private async changeAndTell<Result>(
    touched: (result: Result | undefined) => readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    let unsettledMs = 0;
    let result: Result | undefined;
    try {
      result = await work();
      return result;
    } catch (error) {
      if (error instanceof Failure && error.code === 'OUTCOME_UNKNOWN') unsettledMs = this.rememberMs;
      throw error;
    } finally {
      await this.changes.tell({ tags: touched(result), unsettledMs });
    }
  }

  /**
   * Joins whoever asks for the same, or asks. Each waits until their own deadline; where the call fails for want of time,
   * whoever joined it asks once more, in their own.
   */
  private async ask<Input, Output>(asked: Asked<Input, Output>, count: () => void): Promise<Output> {
    const deadline = deadlineOf(this.settings.dingtalk.timeoutMs);
    const name = flightOf(asked);
    const running = this.flights[name];
    // Whoever asks after a change is not answered with what was on its way before.
    const joined = running && running.askedMs > this.changes.lastMs ? running : undefined;
    this.answered.inc({ from: joined ? 'others' : 'dingtalk' });
    const begin = () => this.begin(asked, name, deadline, count).output<Output>(deadline);
    if (!joined) return begin();
    try {
      return await joined.output<Output>(deadline);
    } catch (error) {
      if (deadline.isOver || !isForWantOfTime(error)) throw error;
      const next = this.flights[name];
      return next && next !== joined ? next.output(deadline) : begin();
    }
  }

  private begin<Input, Output>(
    { key, endpoint, input, holder }: Asked<Input, Output>,
    name: string,
    deadline: Deadline,
    count: () => void,
  ): Flight {
    count();
    const flight = new Flight(deadline.leftMs, () =>
      this.client.send(endpoint as PersonEndpoint<Input, Output>, input, holder as TokenHolder),
    );
    this.flights[name] = flight;
    const over = () => {
      flight.close();
      if (this.flights[name] === flight) delete this.flights[name];
    };
    flight.landed.then((answer) => {
      over();
      const tags = endpoint.shows?.(answer as Output, input);
      if (tags) this.keep(key, { output: answer, askedMs: flight.askedMs, tags });
    }, over);
    return flight;
  }

  private keep(key: string, kept: Kept): void {
    if (this.rememberMs > 0 && this.changes.leave(kept)) this.kept.set(key, kept);
  }
}

const keyOf = ({ name }: { readonly name: string }, input: unknown, holder?: TokenHolder): string =>
  `${name} ${holder?.sessionKey ?? ''} ${JSON.stringify(input)}`;

/** People do not join what waits in the turn of batch work. */
const flightOf = ({ key }: { readonly key: string }): string => `${currentRequest()?.turn?.rank ?? 'person'} ${key}`;

const WANT_OF_TIME = new Set(['DINGTALK_TIMEOUT', 'DINGTALK_THROTTLED']);

const isForWantOfTime = (error: unknown): boolean => error instanceof Failure && WANT_OF_TIME.has(error.code);
