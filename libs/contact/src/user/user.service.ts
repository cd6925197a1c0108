import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { Failure, type PersonCaller, type UnionId, Via } from '#contract';
import { DingTalkClient, Reads, type TokenHolder, notOffered } from '#dingtalk';
import { EmployeeService } from '../employee/employee.service.js';
import { getUser } from './user.endpoints.js';
import type { User } from './user.model.js';

@Injectable()
export class UserService {
  constructor(
    private readonly settings: Settings,
    private readonly dingtalk: DingTalkClient,
    private readonly reads: Reads,
    private readonly employees: EmployeeService,
  ) {}

  /** The profile of the person whose token it is, at their sign-in. */
  ownProfile(holder: TokenHolder): Promise<User> {
    return this.dingtalk.send(getUser, { unionId: 'me' }, holder);
  }

  /** The profile of the person who asks. One who signed in inside DingTalk has no token: the organisation's record serves. */
  me(caller: PersonCaller): Promise<User> {
    return caller.via === Via.IN_APP ? this.ownRecord(caller) : this.reads.read(getUser, { unionId: 'me' }, caller);
  }

  /**
   * A profile, as far as DingTalk shows it to the person who asks.
   * @throws Failure FORBIDDEN where that person has no token of their own, DINGTALK_NOT_PERMITTED with a third-party app.
   */
  async get(unionId: UnionId, caller: PersonCaller): Promise<User> {
    const isOwn = unionId === caller.unionId;
    if (caller.via === Via.IN_APP) {
      if (isOwn) return this.ownRecord(caller);
      throw new Failure(
        'FORBIDDEN',
        'Another person’s profile is read with one’s own token, and a sign-in from inside DingTalk gives none: sign in through DingTalk’s page (/session/login).',
      );
    }
    if (!isOwn && this.settings.dingtalk.thirdParty) throw notOffered();
    return this.reads.read(getUser, { unionId }, caller);
  }

  private async ownRecord({ userId, unionId }: PersonCaller): Promise<User> {
    if (userId === null) throw notOffered();
    const { name, avatar, mobile, email, stateCode } = await this.employees.get(userId);
    const unknown = { openId: null, loginEmail: null, visitor: null };
    return { unionId, nick: name, avatarUrl: avatar, mobile, email, stateCode, ...unknown };
  }
}
