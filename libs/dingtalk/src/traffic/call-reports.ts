import { Injectable } from '@nestjs/common';
import { Failure } from '#contract';
import { Logger, Metrics, Traces, currentRequest } from '#telemetry';

/** What became of one call, its tries included. */
export interface CallRecord {
  readonly operation: string;
  readonly startMs: number;
  /** How often it was sent. */
  tries: number;
  /** How long it waited for its turns. */
  waitMs: number;
  /** DingTalk's own id of the last answer, for its support. */
  dingtalkRequestId?: string;
}

const MAX_CODES = 100;

const isQuiet = ({ details }: Failure): boolean => details.givenUp === true || details.heldBack === true;

/** Tells operators of calls at DingTalk: one line each, and figures. */
@Injectable()
export class CallReports {
  private readonly calls;
  private readonly tries;
  private readonly took;
  private readonly waited;
  private readonly codes = new Set<string>();

  constructor(
    private readonly logger: Logger,
    private readonly traces: Traces,
    metrics: Metrics,
  ) {
    const of = ['operation'] as const;
    this.calls = metrics.counter(
      'gateway_dingtalk_calls_total',
      'Calls at DingTalk by how they ended: `ok` or a failure code, with DingTalk’s own code where it has one',
      ['operation', 'code', 'dingtalk_code'],
    );
    this.tries = metrics.counter(
      'gateway_dingtalk_tries_total',
      'How often calls were sent, second tries included',
      of,
    );
    this.took = metrics.seconds('gateway_dingtalk_call_seconds', 'How long calls took, waits and tries included', of);
    this.waited = metrics.seconds('gateway_dingtalk_wait_seconds', 'How long calls waited for their turn', of);
  }

  begin(operation: string): CallRecord {
    return { operation, startMs: performance.now(), tries: 0, waitMs: 0 };
  }

  end(record: CallRecord, error?: unknown): void {
    const { operation, startMs, tries, waitMs, dingtalkRequestId } = record;
    const tookMs = performance.now() - startMs;
    const failure = error === undefined || error instanceof Failure ? error : new Failure('INTERNAL');
    const dingtalkCode = failure?.details.dingtalkCode;
    this.calls.inc({ operation, code: failure?.code ?? 'ok', dingtalk_code: this.known(dingtalkCode) });
    this.tries.inc({ operation }, tries);
    this.took.observe({ operation }, tookMs / 1000);
    this.waited.observe({ operation }, waitMs / 1000);
    this.traces.call(currentRequest()?.traced, {
      name: operation,
      tookMs,
      attributes: {
        'dingtalk.tries': tries,
        'dingtalk.wait_ms': Math.round(waitMs),
        'dingtalk.request_id': dingtalkRequestId,
      },
      failure: failure?.code,
    });
    const line = { operation, ms: Math.round(tookMs), waitMs: Math.round(waitMs), tries, dingtalkRequestId };
    if (!failure) return this.logger.event('info', 'dingtalk call', line);
    const { note, givenUp } = failure.details;
    const told = { ...line, code: failure.code, dingtalkCode, note };
    // The line of the request has its code; why calls are held back is said once, by whoever began it.
    if (isQuiet(failure))
      return this.logger.event('debug', `dingtalk call ${givenUp ? 'given up' : 'held back'}`, told);
    this.logger.event(failure.row.blame === 'caller' ? 'info' : 'warn', 'dingtalk call failed', told);
  }

  throttled(operation: string, dingtalkCode: string | undefined, pauseMs: number): void {
    this.logger.event('warn', 'DingTalk throttles', { operation, dingtalkCode, pauseMs });
  }

  trouble(operation: string, isOpen: boolean): void {
    const words = isOpen ? 'DingTalk API is in trouble' : 'DingTalk API is well again';
    this.logger.event(isOpen ? 'warn' : 'info', words, { operation });
  }

  banned(isOpen: boolean, pauseMs: number): void {
    if (!isOpen) return this.logger.event('info', 'DingTalk’s ban is over');
    this.logger.event('error', 'DingTalk has banned the address of the gateway', { pauseS: pauseMs / 1000 });
  }

  /** Its codes are DingTalk's to make up: only so many become labels. */
  private known(code: string | undefined): string {
    if (code === undefined) return '';
    if (this.codes.size < MAX_CODES) this.codes.add(code);
    return this.codes.has(code) ? code : 'other';
  }
}
