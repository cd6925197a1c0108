import { Args, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { Needs, TheCaller } from '#access';
import {
  GrantsService,
  OrgAccountService,
  OrgAccountVisibility,
  OrgAccountVisibilityGrant,
  OrgAccountVisibilityInput,
} from '#contact';
import type { Caller, CorpId } from '#contract';
import { Calls } from '../edge/calls.js';
import { AfterPipe, FirstPipe, PAGE, pageFrom } from '../edge/page.pipes.js';
import { OptionalIdPipe } from '../edge/value.pipes.js';
import { Changes } from '../trail/changes.decorator.js';

@ObjectType()
export class SetOrgAccountVisibilityPayload {
  @Field(() => OrgAccountVisibility, { description: 'What was authorised.' })
  visibility: OrgAccountVisibility;
}

@Resolver(() => OrgAccountVisibility)
export class OrgAccountResolver {
  constructor(
    private readonly orgAccounts: OrgAccountService,
    private readonly ledger: GrantsService,
  ) {}

  @Query(() => [OrgAccountVisibilityGrant], {
    description:
      'What was last authorised to other organisations through this gateway; DingTalk itself cannot tell. In the order of their ids, at most `first` of them (up to 100): go on with `after`, the id of the last one. Needs `org-account:read`.',
  })
  @Needs('org-account:read')
  async orgAccountVisibilityGrants(
    @Args('toCorpId', { type: () => ID, nullable: true }, new OptionalIdPipe('corp')) toCorpId: CorpId | undefined,
    @Args('first', { type: () => Int, defaultValue: PAGE.grants, nullable: true }, new FirstPipe(PAGE.grants))
    first: number,
    @Args('after', { type: () => ID, nullable: true }, new AfterPipe()) after?: string,
  ): Promise<OrgAccountVisibilityGrant[]> {
    if (toCorpId !== undefined) return this.ledger.to(toCorpId);
    const { edges } = await this.ledger.page(pageFrom(first, after));
    return edges.map(({ node }) => node);
  }

  @Mutation(() => SetOrgAccountVisibilityPayload, {
    description:
      'Lets other organisations see fields of our enterprise accounts. DingTalk offers no withdrawal. Needs `org-account:write`.',
  })
  @Needs('org-account:write')
  @Changes('organisation', 'toCorpIds')
  @Calls(2)
  async setOrgAccountVisibility(
    @Args('visibility') visibility: OrgAccountVisibilityInput,
    @TheCaller() caller: Caller,
  ): Promise<SetOrgAccountVisibilityPayload> {
    return { visibility: await this.orgAccounts.setVisibility(visibility, caller) };
  }
}
