import { Injectable } from '@nestjs/common';
import { GrantsLedger, type KeptGrant } from '#audit';
import { type CorpId, Failure, type Page, type PageRequest, isId, pageInfoOf } from '#contract';
import type { EarlierGrant, OrgAccountVisibilityGrant } from './grant.model.js';
import type { OrgAccountField } from './org-account.model.js';

/** Tells what other organisations were authorised to see, as far as it went through this gateway. */
@Injectable()
export class GrantsService {
  constructor(private readonly ledger: GrantsLedger) {}

  /** Of one organisation; none where nothing was ever authorised to it. */
  async to(toCorpId: CorpId): Promise<OrgAccountVisibilityGrant[]> {
    return (await this.ledger.read({ toCorpId, first: 1 })).map(asGrant);
  }

  /** Of all, in the order of their ids, which are the cursors. */
  async page({ first, after, afterField }: PageRequest): Promise<Page<OrgAccountVisibilityGrant>> {
    if (after !== undefined && !isId('corp', after)) throw Failure.badInput(afterField, 'is not a cursor of this list');
    const found = (await this.ledger.read({ first: first + 1, after })).map(asGrant);
    const edges = found.slice(0, first).map((node) => ({ node, cursor: node.toCorpId }));
    return { edges, pageInfo: pageInfoOf(edges, found.length > first, after) };
  }
}

function asGrant(kept: readonly KeptGrant[]): OrgAccountVisibilityGrant {
  const [{ toCorpId }, last, ...earlier] = [kept[0] as KeptGrant, ...kept.map(toGrant)];
  return { toCorpId, ...(last as EarlierGrant), earlier };
}

const toGrant = ({ toCorpId: _, ...kept }: KeptGrant): EarlierGrant => ({
  ...kept,
  fields: kept.fields as OrgAccountField[],
});
