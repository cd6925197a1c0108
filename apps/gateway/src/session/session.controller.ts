import { Body, Controller, Delete, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NeedsPerson, Open, SessionCookie, TheCaller } from '#access';
import { Settings } from '#config';
import type { PersonCaller } from '#contract';
import { Answers } from '../edge/answers.js';
import { Session, SignIn } from './session.model.js';
import { SignInService } from './sign-in.service.js';

const INSTEAD = 'an internal app shows its key on every call and needs no session';

function toSession({ userId, unionId, name, corpId, scopes, expiresAt }: PersonCaller): Session {
  return { userId, unionId, name, corpId, scopes: [...scopes], expiresAt };
}

@ApiTags('session')
@Controller('session')
export class SessionController {
  constructor(
    private readonly settings: Settings,
    private readonly signIns: SignInService,
    private readonly cookie: SessionCookie,
  ) {}

  @Post()
  @Open()
  @Answers('session', Session, { does: 'Sign in with a one-time code of DingTalk', status: 201 })
  async signIn(@Body() { authCode }: SignIn, @Res({ passthrough: true }) reply: FastifyReply) {
    const { id, person } = await this.signIns.signIn(authCode);
    reply.header('set-cookie', this.cookie.set(id, this.settings.session.maxS));
    return { session: toSession(person) };
  }

  @Get()
  @NeedsPerson(INSTEAD)
  @Answers('session', Session, { does: 'The session of the signed-in person' })
  session(@TheCaller() caller: PersonCaller) {
    return { session: toSession(caller) };
  }

  @Delete()
  @HttpCode(204)
  @NeedsPerson(INSTEAD)
  @ApiOperation({ summary: 'Sign out' })
  @ApiNoContentResponse({ description: 'The session has ended.' })
  async signOut(@TheCaller() caller: PersonCaller, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.signIns.signOut(caller);
    reply.header('set-cookie', this.cookie.clear());
  }
}
