import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { type Observable, catchError, from, mergeMap, throwError } from 'rxjs';
import { Trail } from '#audit';
import { Failure } from '#contract';
import { mustKnowQuery } from '../edge/known-query.js';
import { type ChangesWhat, changesAtDoor, targetsOf } from './changes.js';
import { askedAt, isDryRun } from './door.js';
import { keyOfRest } from './idempotency.js';

/** Before anything else at a door of changes: whatever is not right with what is asked is in the trail. */
@Injectable()
export class RecordedInterceptor implements NestInterceptor {
  constructor(private readonly trail: Trail) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const what = changesAtDoor(context);
    if (!what) return next.handle();
    return from(begin(context)).pipe(
      mergeMap(() => next.handle()),
      catchError((error: unknown) =>
        from(this.record(error, what, context)).pipe(mergeMap(() => throwError(() => error))),
      ),
    );
  }

  /** What failed within a change is in the trail already. */
  private async record(error: unknown, what: ChangesWhat, context: ExecutionContext): Promise<void> {
    if (!(error instanceof Failure) || isDryRun(context)) return;
    const operation = context.getHandler().name;
    await this.trail.refused({ operation, targets: targetsOf(what, askedAt(context)), outcome: error });
  }
}

async function begin(context: ExecutionContext): Promise<void> {
  mustKnowQuery(context);
  keyOfRest(context);
}
