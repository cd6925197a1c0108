import { Global, Module } from '@nestjs/common';
import { Authenticator } from './authenticator.js';
import { Callers } from './callers.js';
import { CallerLimits } from './caller-limits.js';
import { SessionCookie, SignInCookie } from './cookies.js';
import { InternalApps } from './internal-apps.js';
import { JwtCallers } from './jwt-callers.js';
import { Sessions } from './sessions.js';
import { SignInLimits } from './sign-in-limits.js';
import { SignInStates } from './sign-in-states.js';

@Global()
@Module({
  providers: [
    InternalApps,
    JwtCallers,
    Sessions,
    SessionCookie,
    SignInCookie,
    Authenticator,
    CallerLimits,
    Callers,
    SignInLimits,
    SignInStates,
  ],
  exports: [Sessions, SessionCookie, Callers, SignInLimits, SignInStates],
})
export class AccessModule {}
