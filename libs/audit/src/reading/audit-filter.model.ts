import { InputType } from '@nestjs/graphql';
import { Choice, Text, Time } from '#contract';
import { AuditPhase } from '../chain/record.js';

@InputType({ description: 'Which records of the trail; all that is given must be so.' })
export class AuditFilter {
  @Time('From then on, the time itself included.', { optional: true })
  from?: string;

  @Time('Before then.', { optional: true })
  to?: string;

  @Text('Who: `app:<id>`, `person:<userId>` or `gateway`.', {
    optional: true,
    min: 1,
    max: 200,
    example: 'app:org-sync',
  })
  caller?: string;

  @Text('What: the name of the mutation.', { optional: true, min: 1, max: 64, example: 'updateDepartment' })
  operation?: string;

  @Text('Of what: `department:<id>`, `employee:<userId>`, `organisation:<corpId>`.', {
    ...{ optional: true, min: 1, max: 200, example: 'department:5' },
  })
  target?: string;

  @Text('How it ended: `ok` or a failure code.', { optional: true, min: 1, max: 64, example: 'FORBIDDEN' })
  outcome?: string;

  @Choice('How far it came.', { optional: true, of: AuditPhase, example: 'DONE' })
  phase?: AuditPhase;
}
