import { Global, Module } from '@nestjs/common';
import { Authenticator } from './authenticator.js';
import { SessionCookie } from './cookies.js';
import { InternalApps } from './internal-apps.js';
import { Sessions } from './sessions.js';

@Global()
@Module({
  providers: [InternalApps, Sessions, SessionCookie, Authenticator],
  exports: [Sessions, SessionCookie, Authenticator],
})
export class AccessModule {}
