import { Module } from '@nestjs/common';
import { DingTalkClient } from './client.js';
import { Reads } from './reads.js';
import { AppTokens } from './token/app-tokens.js';
import { SharedAppToken } from './token/shared-app-token.js';
import { UserTokens } from './token/user-tokens.js';
import { Apis } from './traffic/apis.js';
import { CallReports } from './traffic/call-reports.js';
import { Traffic } from './traffic/traffic.js';
import { Transport } from './transport.js';

@Module({
  providers: [Transport, CallReports, Apis, Traffic, SharedAppToken, AppTokens, UserTokens, DingTalkClient, Reads],
  exports: [AppTokens, UserTokens, DingTalkClient, Reads],
})
export class DingTalkModule {}
