import { Injectable } from '@nestjs/common';
import { SET_VISIBILITY, Trail } from '#audit';
import { type Caller, Failure, type UserId } from '#contract';
import { DingTalkClient, notOffered } from '#dingtalk';
import { EmployeeService } from '../employee/employee.service.js';
import { targetOf } from '../targets.js';
import { setVisibility } from './org-account.endpoints.js';
import { OrgAccountField, type OrgAccountVisibility, type OrgAccountVisibilityInput } from './org-account.model.js';

@Injectable()
export class OrgAccountService {
  constructor(
    private readonly dingtalk: DingTalkClient,
    private readonly employees: EmployeeService,
    private readonly trail: Trail,
  ) {}

  /** @returns the fields that took effect: the mobile number alone where none was named. */
  async setVisibility(visibility: OrgAccountVisibilityInput, caller: Caller): Promise<OrgAccountVisibility> {
    const { toCorpIds } = visibility;
    const optUserId = optUserIdOf(visibility.optUserId, caller);
    const fields = visibility.fields?.length ? visibility.fields : [OrgAccountField.MOBILE];
    const targets = toCorpIds.map((id) => targetOf('organisation', id));
    return this.trail.change(
      { operation: SET_VISIBILITY, targets, asked: { fields }, optUserId },
      async () => {
        if (caller.kind === 'app') await this.employees.mustExist(optUserId, 'optUserId');
        const done = await this.dingtalk.send(setVisibility, { toCorpIds, fields: visibility.fields, optUserId });
        if (!done) throw new Failure('REJECTED', 'DingTalk answered that it did not authorise the fields.');
        return { toCorpIds, fields };
      },
      // The same request: what took effect is what it asks for.
      async () => ({ toCorpIds, fields }),
    );
  }
}

/** A person acts in their own name; an internal app names an employee. */
function optUserIdOf(named: UserId | undefined, caller: Caller): UserId {
  if (caller.kind === 'app') {
    if (named === undefined) throw Failure.badInput('optUserId', 'is required from an internal app');
    return named;
  }
  if (caller.userId === null) throw notOffered();
  if (named === undefined || named === caller.userId) return caller.userId;
  throw new Failure('FORBIDDEN', 'optUserId: a signed-in person may only name themself, or leave it out.');
}
