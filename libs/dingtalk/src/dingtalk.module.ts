import { Module } from '@nestjs/common';
import { DingTalkClient } from './client.js';
import { AppTokens } from './token/app-tokens.js';
import { UserTokens } from './token/user-tokens.js';
import { Transport } from './transport.js';

@Module({
  providers: [Transport, AppTokens, UserTokens, DingTalkClient],
  exports: [AppTokens, UserTokens, DingTalkClient],
})
export class DingTalkModule {}
