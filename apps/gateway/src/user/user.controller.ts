import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { NeedsPerson, TheCaller } from '#access';
import { User, UserService } from '#contact';
import type { PersonCaller, UnionId } from '#contract';
import { Answers } from '../edge/answers.js';
import { IdParam } from '../edge/id-param.js';
import { IdPipe } from '../edge/value.pipes.js';
import { INSTEAD } from './instead.js';

@ApiTags('users')
@Controller('v1/users')
export class UserController {
  constructor(private readonly users: UserService) {}

  @Get('me')
  @NeedsPerson(INSTEAD, 'user:read')
  @Answers('user', User, { does: 'The profile of the signed-in person' })
  async me(@TheCaller() caller: PersonCaller) {
    return { user: await this.users.me(caller) };
  }

  @Get(':unionId')
  @NeedsPerson(INSTEAD, 'user:read')
  @IdParam('unionId', 'union')
  @Answers('user', User, { does: 'A profile, as far as DingTalk shows it to the signed-in person' })
  async user(@Param('unionId', new IdPipe('union')) unionId: UnionId, @TheCaller() caller: PersonCaller) {
    return { user: await this.users.get(unionId, caller) };
  }
}
