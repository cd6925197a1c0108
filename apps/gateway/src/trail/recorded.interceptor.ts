import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Observable, catchError, from, mergeMap, throwError } from 'rxjs';
import { Trail } from '#audit';
import { Failure } from '#contract';
import { CHANGES, type ChangesWhat, targetsOf } from './changes.js';
import { askedAt, isDryRun } from './door.js';
import { keyOfRest } from './idempotency.js';

/** Before anything else at a door of changes: whatever is not right with what is asked is in the trail. */
@Injectable()
export class RecordedInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly trail: Trail,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const what = this.reflector.get<ChangesWhat | undefined>(CHANGES, context.getHandler());
    if (!what) return next.handle();
    return from(keyOfRest(context)).pipe(
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
