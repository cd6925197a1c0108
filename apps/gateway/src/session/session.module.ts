import { Global, Module } from '@nestjs/common';
import { Standings } from '#access';
import { ContactModule } from '#contact';
import { DingTalkModule } from '#dingtalk';
import { BrowserSignInController } from './browser-sign-in.controller.js';
import { BrowserSignInService } from './browser-sign-in.service.js';
import { SessionController } from './session.controller.js';
import { SignInService } from './sign-in.service.js';
import { SessionStandings } from './standings.service.js';

/** Global, since access asks it for the standing of people and may not know DingTalk itself. */
@Global()
@Module({
  imports: [ContactModule, DingTalkModule],
  controllers: [SessionController, BrowserSignInController],
  providers: [SignInService, BrowserSignInService, { provide: Standings, useClass: SessionStandings }],
  exports: [Standings],
})
export class SessionModule {}
