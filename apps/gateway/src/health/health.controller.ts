import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open } from '#access';
import { isReady } from './checks.js';
import { Readiness } from './readiness.service.js';

@ApiTags('health')
@ApiProduces('text/plain')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

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
    summary:
      'Whether the gateway can do its work: it holds, or gets, a token of DingTalk, can record changes, is not overloaded and not about to end',
  })
  @ApiOkResponse({ description: '`ready`', schema: { type: 'string', maxLength: 16, example: 'ready' } })
  @ApiServiceUnavailableResponse({
    description: '`unready`; the log, and `/health` of the listener for operators, say why',
    schema: { type: 'string', maxLength: 16, example: 'unready' },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    reply.type('text/plain; charset=utf-8');
    const ready = isReady(await this.readiness.check());
    reply.status(ready ? 200 : 503);
    return ready ? 'ready' : 'unready';
  }
}
