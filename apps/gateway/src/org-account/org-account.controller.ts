import { Body, Controller, Get, Put, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs, TheCaller } from '#access';
import { GrantsService, OrgAccountService, OrgAccountVisibility, OrgAccountVisibilityInput } from '#contact';
import type { Caller } from '#contract';
import { Answers } from '../edge/answers.js';
import { WHOLE_LIST, answerPage } from '../edge/lists.js';
import { Changes } from '../trail/changes.decorator.js';
import { AnswersGrants, type GrantsQuery, GrantsQueryPipe } from './grants-query.js';

@ApiTags('org-accounts')
@Controller('v1/org-accounts')
export class OrgAccountController {
  constructor(
    private readonly orgAccounts: OrgAccountService,
    private readonly ledger: GrantsService,
  ) {}

  @Put('visibility')
  @Needs('org-account:write')
  @Changes('organisation', 'toCorpIds')
  @Answers('visibility', OrgAccountVisibility, {
    does: 'Let other organisations see fields of our enterprise accounts; DingTalk offers no withdrawal',
  })
  async setOrgAccountVisibility(@Body() body: OrgAccountVisibilityInput, @TheCaller() caller: Caller) {
    return { visibility: await this.orgAccounts.setVisibility(body, caller) };
  }

  @Get('visibility')
  @Needs('org-account:read')
  @AnswersGrants()
  async grants(@Query(new GrantsQueryPipe()) asked: GrantsQuery, @Res({ passthrough: true }) reply: FastifyReply) {
    if ('toCorpId' in asked) return { grants: await this.ledger.to(asked.toCorpId), pageInfo: WHOLE_LIST };
    const { items, pageInfo } = answerPage(await this.ledger.page(asked.page), reply);
    return { grants: items, pageInfo };
  }
}
