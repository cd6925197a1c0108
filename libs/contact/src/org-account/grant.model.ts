import { ObjectType } from '@nestjs/graphql';
import { AuditPhase, MOST_EARLIER } from '#audit';
import { Choice, Choices, Id, Shapes, Text, Time } from '#contract';
import { OrgAccountField } from './org-account.model.js';

@ObjectType({ description: 'One authorisation.' })
export class EarlierGrant {
  @Choices('The fields that were authorised.', { of: OrgAccountField, example: ['mobile'] })
  fields: OrgAccountField[];

  @Id('user', 'The employee in whose name it was done.')
  optUserId: string;

  @Text('Who asked for it: `app:<id>` or `person:<userId>`.', { max: 200, example: 'app:org-sync' })
  caller: string;

  @Time('When.')
  time: string;

  @Id('record', 'The record of the trail that tells of it.')
  auditEventId: string;

  @Choice('DONE, or UNKNOWN where DingTalk’s answer was lost: then it may have been authorised.', {
    ...{ of: AuditPhase, example: 'DONE' },
  })
  phase: AuditPhase;
}

@ObjectType({
  description:
    'What was last authorised to an organisation through this gateway. What was authorised elsewhere is not known, and DingTalk offers no call that tells or withdraws it.',
})
export class OrgAccountVisibilityGrant extends EarlierGrant {
  @Id('corp', 'The organisation that may see the fields.')
  toCorpId: string;

  @Shapes(() => EarlierGrant, 'What was authorised before, the last first; older ones are in the trail.', {
    maxItems: MOST_EARLIER,
  })
  earlier: EarlierGrant[];
}
