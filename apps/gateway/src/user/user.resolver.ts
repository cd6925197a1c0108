import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { NeedsPerson, TheCaller } from '#access';
import { User, UserService } from '#contact';
import type { PersonCaller, UnionId } from '#contract';
import { Calls } from '../edge/calls.js';
import { IdPipe } from '../edge/value.pipes.js';
import { INSTEAD } from './instead.js';

@Resolver(() => User)
export class UserResolver {
  constructor(private readonly users: UserService) {}

  @Query(() => User, { description: 'The profile of the signed-in person. Needs a session with `user:read`.' })
  @NeedsPerson(INSTEAD, 'user:read')
  @Calls(1)
  me(@TheCaller() caller: PersonCaller): Promise<User> {
    return this.users.me(caller);
  }

  @Query(() => User, {
    description: 'A profile, as far as DingTalk shows it to the signed-in person. Needs a session with `user:read`.',
  })
  @NeedsPerson(INSTEAD, 'user:read')
  @Calls(1)
  user(
    @Args('unionId', { type: () => ID }, new IdPipe('union')) unionId: UnionId,
    @TheCaller() caller: PersonCaller,
  ): Promise<User> {
    return this.users.get(unionId, caller);
  }
}
