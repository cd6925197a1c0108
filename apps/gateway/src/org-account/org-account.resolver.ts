import { Args, Field, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import { Needs, TheCaller } from '#access';
import { OrgAccountService, OrgAccountVisibility, OrgAccountVisibilityInput } from '#contact';
import type { Caller } from '#contract';
import { Calls } from '../edge/calls.js';

@ObjectType()
export class SetOrgAccountVisibilityPayload {
  @Field(() => OrgAccountVisibility, { description: 'What was authorised.' })
  visibility: OrgAccountVisibility;
}

@Resolver(() => OrgAccountVisibility)
export class OrgAccountResolver {
  constructor(private readonly orgAccounts: OrgAccountService) {}

  @Mutation(() => SetOrgAccountVisibilityPayload, {
    description:
      'Lets other organisations see fields of our enterprise accounts. DingTalk offers no withdrawal. Needs `org-account:write`.',
  })
  @Needs('org-account:write')
  @Calls(2)
  async setOrgAccountVisibility(
    @Args('visibility') visibility: OrgAccountVisibilityInput,
    @TheCaller() caller: Caller,
  ): Promise<SetOrgAccountVisibilityPayload> {
    return { visibility: await this.orgAccounts.setVisibility(visibility, caller) };
  }
}
