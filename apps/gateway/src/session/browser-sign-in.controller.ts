import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import {
  ApiExtension,
  ApiFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type AskingRequest, Open, SessionCookie } from '#access';
import { type PageRequest, movingOnPage } from '../edge/page.js';
import { BrowserSignInService, MAX_CODE, type PageAnswer } from './browser-sign-in.service.js';
import { ReturnToPipe } from './return-to.js';

const query = (name: string, maxLength: number, description: string) =>
  ApiQuery({ name, required: false, description, schema: { type: 'string', maxLength } });

@ApiTags('session')
@ApiProduces('text/html')
@Controller('session')
export class BrowserSignInController {
  constructor(
    private readonly signIns: BrowserSignInService,
    private readonly cookie: SessionCookie,
  ) {}

  @Get('login')
  @Open()
  @RouteConfig({ page: 'for browsers' })
  @ApiOperation({ summary: 'Begin a sign-in: open this address in the browser' })
  @query('returnTo', 2048, 'Where to go on to afterwards: a path of this site.')
  @ApiFoundResponse({ description: 'On to DingTalk’s page.' })
  login(@Query(new ReturnToPipe()) returnTo: string, @Req() request: AskingRequest, @Res() reply: FastifyReply): void {
    const { address, cookie } = this.signIns.begin(request, returnTo);
    reply.header('set-cookie', cookie).redirect(address, 302);
  }

  @Get('callback')
  @Open()
  @RouteConfig({ page: 'always' })
  @ApiExtension('x-page', true)
  @ApiOperation({ summary: 'Where DingTalk’s page sends the browser back to' })
  @query('authCode', MAX_CODE, 'The one-time code.')
  @query('code', MAX_CODE, 'The same by its other name.')
  @query('state', 64, 'As it was given to DingTalk’s page.')
  @query('error', MAX_CODE, 'Why there is no code.')
  @ApiOkResponse({ description: 'Signed in; the page moves on.', schema: { type: 'string', maxLength: 16_384 } })
  async callback(
    @Query() answer: PageAnswer,
    @Req() request: AskingRequest & PageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { returnTo, cookie } = this.signIns.resume(request, answer);
    reply.header('set-cookie', cookie);
    request.returnTo = returnTo;
    const id = await this.signIns.finish(request, answer);
    reply.header('set-cookie', this.cookie.open(id)).type('text/html; charset=utf-8');
    // A redirect would leave the cookie behind: browsers count it as coming from DingTalk's page, and the cookie is Strict.
    return movingOnPage(returnTo);
  }
}
