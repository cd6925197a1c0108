import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { InternalAppGuard } from '#access';
import { Trail } from '#audit';
import { Failure } from '#contract';
import { type ChangesWhat, changesAtDoor, targetsOf } from './changes.js';
import { askedAt, isDryRun, markReached } from './door.js';

/** The guard of all doors; whom it knows and does not let change something is in the trail. */
@Injectable()
export class RecordedGuard implements CanActivate {
  constructor(
    private readonly guard: InternalAppGuard,
    private readonly trail: Trail,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const what = changesAtDoor(context);
    return what ? this.recorded(what, context) : this.guard.canActivate(context);
  }

  private async recorded(what: ChangesWhat, context: ExecutionContext): Promise<boolean> {
    markReached(context);
    try {
      return await this.guard.canActivate(context);
    } catch (error) {
      await this.record(error, what, context);
      throw error;
    }
  }

  /** Whoever asks too often, or is not known, would fill the trail. */
  private async record(error: unknown, what: ChangesWhat, context: ExecutionContext): Promise<void> {
    if (!(error instanceof Failure) || error.code !== 'FORBIDDEN' || isDryRun(context)) return;
    const operation = context.getHandler().name;
    await this.trail.refused({ operation, targets: targetsOf(what, askedAt(context)), outcome: error });
  }
}
