import { Injectable } from '@nestjs/common';
import { type Caller, Failure, type UserId } from '#contract';
import { DingTalkClient, notOffered } from '#dingtalk';
import { EmployeeService } from '../employee/employee.service.js';
import { setVisibility } from './org-account.endpoints.js';
import { OrgAccountField, type OrgAccountVisibility, type OrgAccountVisibilityInput } from './org-account.model.js';

@Injectable()
export class OrgAccountService {
  constructor(
    private readonly dingtalk: DingTalkClient,
    private readonly employees: EmployeeService,
  ) {}

  /** @returns the fields that took effect: the mobile number alone where none was named. */
  async setVisibility(visibility: OrgAccountVisibilityInput, caller: Caller): Promise<OrgAccountVisibility> {
    const { toCorpIds, fields } = visibility;
    const optUserId = await this.optUserId(visibility.optUserId, caller);
    const done = await this.dingtalk.send(setVisibility, { toCorpIds, fields, optUserId });
    if (!done) throw new Failure('REJECTED', 'DingTalk answered that it did not authorise the fields.');
    return { toCorpIds, fields: fields?.length ? fields : [OrgAccountField.MOBILE] };
  }

  /** A person acts in their own name; an internal app names an employee. */
  private async optUserId(named: UserId | undefined, caller: Caller): Promise<UserId> {
    if (caller.kind === 'person') {
      if (caller.userId === null) throw notOffered();
      if (named === undefined || named === caller.userId) return caller.userId;
      throw new Failure('FORBIDDEN', 'optUserId: a signed-in person may only name themself, or leave it out.');
    }
    if (named === undefined) throw Failure.badInput('optUserId', 'is required from an internal app');
    await this.employees.mustExist(named, 'optUserId');
    return named;
  }
}
