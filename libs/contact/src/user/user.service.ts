import { Injectable } from '@nestjs/common';
import type { UnionId } from '#contract';
import { DingTalkClient, type TokenHolder } from '#dingtalk';
import { getUser } from './user.endpoints.js';
import type { User } from './user.model.js';

@Injectable()
export class UserService {
  constructor(private readonly dingtalk: DingTalkClient) {}

  /** The profile of the person whose token it is. */
  me(holder: TokenHolder): Promise<User> {
    return this.get('me', holder);
  }

  /** A profile, as far as DingTalk shows it to the person who asks. */
  get(unionId: UnionId, holder: TokenHolder): Promise<User> {
    return this.dingtalk.send(getUser, { unionId }, holder);
  }
}
