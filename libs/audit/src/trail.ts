import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Failure } from '#contract';
import { type RequestContext, currentRequest, finished, runInRequest } from '#telemetry';
import { v7 as uuid } from 'uuid';
import { Chain } from './chain/chain.js';
import type { Claim, Earlier } from './chain/claims.js';
import { type AuditEntry, AuditPhase, type AuditRecord } from './chain/record.js';
import { Change, type Intent, askedOf, failureOf, toldOf } from './change.js';
import { Outcomes } from './outcomes.js';

/** Whatever cannot be recorded within this is not done. */
const INTENT_MS = 1000;
/** After which whoever asks for a change that runs is to ask again. */
const RUNNING_RETRY_S = 1;

/** Somebody tried something, and was not let. */
export interface Attempt {
  readonly operation: string;
  readonly targets: readonly string[];
  readonly outcome: Failure | string;
}

/** What the gateway does of itself. */
const ITSELF = 'gateway';

type Who = Pick<AuditEntry, 'requestId' | 'traceparent' | 'caller' | 'address'>;

function who(request: RequestContext | undefined): Who {
  const { requestId = '', traced, actor = ITSELF, address } = request ?? {};
  return {
    requestId,
    ...(traced && { traceparent: traced.traceparent }),
    caller: actor,
    ...(address !== undefined && { address }),
  };
}

/** What the caller calls this change, if anything. */
function claimOf({ key, actor }: RequestContext): Claim | undefined {
  if (!key || actor === undefined) return undefined;
  const keyHash = createHash('sha256')
    .update(JSON.stringify([actor, key.text]))
    .digest('hex');
  const claim = { keyHash, requestHash: key.requestHash, ordinal: key.begun };
  key.begun += 1;
  return claim;
}

/** Records who changes what: the intent before DingTalk hears of it, the outcome after. What cannot be recorded is not done. */
@Injectable()
export class Trail {
  /** Failures that the trail holds already. */
  private readonly recorded = new WeakSet<object>();

  constructor(
    private readonly chain: Chain,
    private readonly outcomes: Outcomes,
  ) {}

  /**
   * Makes a change, and records it.
   * @param again answers from the record of the same change, where the caller has asked for it by this key before.
   * @throws Failure AUDIT_UNAVAILABLE, and nothing was done; IDEMPOTENCY_CONFLICT, IDEMPOTENCY_MISMATCH; what the work throws.
   */
  change<Result>(
    intent: Intent,
    work: (change: Change) => Promise<Result>,
    again: (first: AuditRecord) => Promise<Result>,
  ): Promise<Result> {
    return finished(this.make(intent, work, again));
  }

  private async make<Result>(
    { operation, targets, asked, optUserId }: Intent,
    work: (change: Change) => Promise<Result>,
    again: (first: AuditRecord) => Promise<Result>,
  ): Promise<Result> {
    const request = currentRequest();
    if (!request) throw new Failure('INTERNAL', undefined, { note: `${operation}: a change outside of a request` });
    const id = uuid();
    const { scope } = request;
    const base = { changeId: id, ...who(request), operation, targets, optUserId, scope, changes: askedOf(asked) };
    const earlier = await this.begin({ id, ...base, phase: AuditPhase.INTENT }, request);
    if (earlier) return this.answerAgain(earlier, again, request);
    const change = new Change();
    const keep = (error?: unknown) => this.outcomes.keep({ ...base, ...change.outcome(error), id: uuid() });
    try {
      const result = await runInRequest({ ...request, change }, () => work(change));
      await keep();
      return result;
    } catch (error) {
      await keep(error ?? new Failure('INTERNAL'));
      throw this.noted(error);
    }
  }

  /** Records an attempt that never became a change: the caller may not, or asked for what cannot be. */
  async refused({ operation, targets, outcome }: Attempt): Promise<void> {
    if (outcome instanceof Failure && this.recorded.has(outcome)) return;
    const id = uuid();
    const told = outcome instanceof Failure ? toldOf(this.noted(outcome)) : { outcome };
    const base = { id, changeId: id, ...who(currentRequest()), operation, targets, changes: [] };
    await this.outcomes.keep({ ...base, ...told, phase: AuditPhase.REFUSED });
  }

  /**
   * Records that somebody reads the trail, before they do.
   * @throws Failure AUDIT_UNAVAILABLE
   */
  async readBy(operation: string, asked: object): Promise<void> {
    const id = uuid();
    const base = { id, changeId: id, ...who(currentRequest()), operation, targets: ['trail'], changes: askedOf(asked) };
    await this.chain.add({ entry: { ...base, phase: AuditPhase.DONE, outcome: 'ok' } }, INTENT_MS);
  }

  private async begin(entry: AuditEntry, request: RequestContext): Promise<Earlier | undefined> {
    const waitMs = Math.min(INTENT_MS, Math.max(1, request.deadline.leftMs));
    try {
      const added = await this.chain.add({ entry, claim: claimOf(request) }, waitMs);
      return 'earlier' in added ? added.earlier : undefined;
    } catch (error) {
      // The intent may have been kept all the same, after nobody waited for it: nothing was done.
      const outcome = { id: uuid(), phase: AuditPhase.REFUSED, outcome: 'AUDIT_UNAVAILABLE' };
      this.outcomes.keepLater({ ...entry, ...outcome });
      throw this.noted(error);
    }
  }

  private async answerAgain<Result>(
    earlier: Earlier,
    again: (first: AuditRecord) => Promise<Result>,
    request: RequestContext,
  ): Promise<Result> {
    if (earlier.is === 'another request') throw new Failure('IDEMPOTENCY_MISMATCH');
    if (earlier.is === 'running') {
      throw new Failure('IDEMPOTENCY_CONFLICT', undefined, { retryAfterS: RUNNING_RETRY_S });
    }
    if (request.key) request.key.isReplayed = true;
    const { record } = earlier;
    if (record.phase !== AuditPhase.DONE) throw this.noted(failureOf(record));
    return again(record).catch((error: unknown) => {
      throw this.noted(error);
    });
  }

  private noted<Thrown>(error: Thrown): Thrown {
    if (typeof error === 'object' && error !== null) this.recorded.add(error);
    return error;
  }
}
