import { Body, Controller, Delete, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  type AskingRequest,
  Needs,
  NeedsPerson,
  NeedsSessionToEnd,
  Open,
  SessionCookie,
  SignInLimits,
  TheCaller,
} from '#access';
import { IDS, type PersonCaller, Via } from '#contract';
import { Answers } from '../edge/answers.js';
import { IdQueryPipe } from '../edge/value.pipes.js';
import { Session, SignIn } from './session.model.js';
import { SignInService } from './sign-in.service.js';

const INSTEAD = 'an internal app shows its key on every call and needs no session';

function toSession({ userId, unionId, name, corpId, scopes, expiresAt }: PersonCaller): Session {
  return { userId, unionId, name, corpId, scopes: [...scopes], expiresAt };
}

@ApiTags('session')
@Controller()
export class SessionController {
  constructor(
    private readonly signIns: SignInService,
    private readonly limits: SignInLimits,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('session')
  @Open()
  @Answers('session', Session, { does: 'Sign in with a one-time code of DingTalk', status: 201 })
  async signIn(
    @Body() { authCode, via }: SignIn,
    @Req() request: AskingRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { id, person } = await this.limits.attempt(request, () => this.signIns.signIn(authCode, via ?? Via.LOGIN));
    reply.header('set-cookie', this.cookie.open(id));
    return { session: toSession(person) };
  }

  @Get('session')
  @NeedsPerson(INSTEAD)
  @Answers('session', Session, { does: 'The session of the signed-in person' })
  session(@TheCaller() caller: PersonCaller) {
    return { session: toSession(caller) };
  }

  @Delete('session')
  @HttpCode(204)
  @NeedsSessionToEnd(INSTEAD)
  @ApiOperation({ summary: 'Sign out' })
  @ApiNoContentResponse({ description: 'The session has ended.' })
  async signOut(@TheCaller() caller: PersonCaller, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.signIns.signOut(caller);
    reply.header('set-cookie', this.cookie.clear());
  }

  @Delete('v1/sessions')
  @HttpCode(204)
  @Needs('session:end')
  @ApiOperation({ summary: 'End all sessions of a person' })
  @ApiQuery({
    name: 'userId',
    description: 'The person inside the organisation.',
    schema: { type: 'string', maxLength: IDS.user.maxLength, pattern: IDS.user.pattern.source },
  })
  @ApiNoContentResponse({ description: 'The person has no session any more.' })
  signOutEverywhere(@Query(new IdQueryPipe('userId', 'user')) userId: string): Promise<void> {
    return this.signIns.signOutEverywhere(userId);
  }
}
