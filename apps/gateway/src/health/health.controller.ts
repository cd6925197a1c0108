import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from '#access';
import { Settings } from '#config';
import { Failure } from '#contract';
import { AppTokens } from '#dingtalk';
import { Load } from '../edge/load.js';

@ApiTags('health')
@ApiProduces('text/plain')
@Controller('health')
export class HealthController {
  constructor(
    private readonly settings: Settings,
    private readonly appTokens: AppTokens,
    private readonly load: Load,
  ) {}

  @Get('live')
  @Open()
  @ApiOperation({ summary: 'Whether the process answers' })
  @ApiOkResponse({ description: '`live`', schema: { type: 'string', maxLength: 16, example: 'live' } })
  live(@Res({ passthrough: true }) reply: FastifyReply): string {
    reply.type('text/plain; charset=utf-8');
    return 'live';
  }

  @Get('ready')
  @Open()
  @ApiOperation({
    summary: 'Whether the gateway can do its work: it holds, or gets, a token of DingTalk, and is not overloaded',
  })
  @ApiOkResponse({ description: '`ready`', schema: { type: 'string', maxLength: 16, example: 'ready' } })
  @ApiServiceUnavailableResponse({
    description: '`unready`; the log says why',
    schema: { type: 'string', maxLength: 16, example: 'unready' },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.type('text/plain; charset=utf-8');
    try {
      if (!this.load.isSteady) throw new Failure('OVERLOADED');
      // With a third-party app nothing is done that would need the app's own token.
      if (!this.settings.dingtalk.thirdParty) await this.appTokens.get();
      return 'ready';
    } catch {
      reply.status(503);
      return 'unready';
    }
  }
}
