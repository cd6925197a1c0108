import { type PipeTransform, applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { OrgAccountVisibilityGrant } from '#contact';
import { type CorpId, IDS, type PageRequest } from '#contract';
import { AnswersList } from '../edge/lists.js';
import { PAGE, PageQueryPipe } from '../edge/page.pipes.js';
import { IdQueryPipe } from '../edge/value.pipes.js';

type Query = Readonly<Record<string, unknown>>;

/** Either what was authorised to one organisation, or to all. */
export type GrantsQuery = { readonly toCorpId: CorpId } | { readonly page: PageRequest };

export class GrantsQueryPipe implements PipeTransform<Query, GrantsQuery> {
  private readonly ofOne = new IdQueryPipe('toCorpId', 'corp');
  private readonly ofAll = new PageQueryPipe(PAGE.grants);

  transform(asked: Query): GrantsQuery {
    return asked['toCorpId'] === undefined
      ? { page: this.ofAll.transform(asked) }
      : { toCorpId: this.ofOne.transform(asked) };
  }
}

const { maxLength, pattern } = IDS.corp;

/** Documents the door that takes it. */
export const AnswersGrants = (): MethodDecorator =>
  applyDecorators(
    ApiQuery({
      ...{ name: 'toCorpId', required: false, description: 'That organisation alone.' },
      schema: { type: 'string', maxLength, pattern: pattern.source },
    }),
    AnswersList('grants', OrgAccountVisibilityGrant, {
      does: 'What was last authorised to other organisations through this gateway, as DingTalk itself cannot tell',
      limit: PAGE.grants,
    }),
  );
