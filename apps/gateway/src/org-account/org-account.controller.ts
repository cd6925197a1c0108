import { Body, Controller, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Needs, TheCaller } from '#access';
import { OrgAccountService, OrgAccountVisibility, OrgAccountVisibilityInput } from '#contact';
import type { Caller } from '#contract';
import { Answers } from '../edge/answers.js';

@ApiTags('org-accounts')
@Controller('v1/org-accounts')
export class OrgAccountController {
  constructor(private readonly orgAccounts: OrgAccountService) {}

  @Put('visibility')
  @Needs('org-account:write')
  @Answers('visibility', OrgAccountVisibility, {
    does: 'Let other organisations see fields of our enterprise accounts; DingTalk offers no withdrawal',
  })
  async setOrgAccountVisibility(@Body() body: OrgAccountVisibilityInput, @TheCaller() caller: Caller) {
    return { visibility: await this.orgAccounts.setVisibility(body, caller) };
  }
}
