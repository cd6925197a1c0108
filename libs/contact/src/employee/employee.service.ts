import { Injectable } from '@nestjs/common';
import { Failure, type UnionId, type UserId } from '#contract';
import { DingTalkClient } from '#dingtalk';
import { type EmployeeRecord, getEmployee, getMembership, identifyInApp } from './employee.endpoints.js';

const isNotFound = (error: unknown): boolean => error instanceof Failure && error.code === 'NOT_FOUND';

/** An employee of whom it is known who they are across apps. */
type Member = EmployeeRecord & { readonly unionId: UnionId };

@Injectable()
export class EmployeeService {
  constructor(private readonly dingtalk: DingTalkClient) {}

  /** The organisation's record of a person. */
  get(userId: UserId): Promise<EmployeeRecord> {
    return this.dingtalk.send(getEmployee, { userId });
  }

  /**
   * The employee who opened a page inside DingTalk.
   * @throws Failure UNAUTHENTICATED for a bad, used or ended code, FORBIDDEN for a stranger and an external contact.
   */
  async memberInApp(authCode: string): Promise<Member> {
    const { unionId } = await this.dingtalk.send(identifyInApp, { authCode });
    return this.member(unionId);
  }

  /** @throws Failure FORBIDDEN for a stranger and for an external contact. */
  async member(unionId: UnionId): Promise<Member> {
    try {
      const { userId, external } = await this.dingtalk.send(getMembership, { unionId });
      if (!external) return { ...(await this.get(userId)), unionId };
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    throw new Failure('FORBIDDEN', 'This person is not an employee of the organisation that the gateway serves.');
  }

  /** @throws Failure BAD_INPUT at that field, for a userId that nobody in the organisation has. */
  async mustExist(userId: UserId, field: string): Promise<void> {
    try {
      await this.get(userId);
    } catch (error) {
      throw isNotFound(error) ? Failure.badInput(field, 'is not an employee of the organisation') : error;
    }
  }
}
