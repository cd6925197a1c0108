import { ObjectType, registerEnumType } from '@nestjs/graphql';
import { AnyValue, Choice, Id, MAX_PAGE, PageInfo, Shape, Shapes, Text, Time, Whole } from '#contract';
import { AuditPhase } from '../chain/record.js';

registerEnumType(AuditPhase, {
  name: 'AuditPhase',
  description: 'How far a change has come.',
  valuesMap: {
    INTENT: { description: 'It was about to be sent to DingTalk.' },
    DONE: { description: 'It is made.' },
    REFUSED: { description: 'The gateway did not let it through; DingTalk never heard of it.' },
    FAILED: { description: 'It was not made.' },
    UNKNOWN: { description: 'It may or may not have been made.' },
  },
});

const nullable = true;

@ObjectType({ description: 'A field that was to be changed. Of mobile numbers and emails a part is kept only.' })
export class AuditChange {
  @Text('The field, as in the input.', { max: 64, example: 'name' })
  field: string;

  @AnyValue('Its value before; null where it was not known or is not told.', 'HR')
  before: unknown;

  @AnyValue('The value that was asked for.', 'People')
  after: unknown;
}

@ObjectType({ description: 'A field of an input that was not right.' })
export class AuditFault {
  @Text('Path of the field.', { max: 256, example: 'changes.name' })
  field: string;

  @Text('What was wrong with it.', { max: 1024, example: 'must be 1 to 64 characters' })
  message: string;
}

@ObjectType({ description: 'A record of the trail. A change has two: its intent, and what became of it.' })
export class AuditEvent {
  @Id('record', 'UUID, version 7.')
  id: string;

  @Id('record', 'The id of the intent; of a record without one its own.')
  changeId: string;

  @Whole('Its place in the chain, from 1.', { min: 1, max: Number.MAX_SAFE_INTEGER, example: 4711 })
  sequence: number;

  @Time('When it was recorded.')
  time: string;

  @Choice('How far the change had come.', { of: AuditPhase, example: 'DONE' })
  phase: AuditPhase;

  @Text('The request, as in the log.', { max: 128 })
  requestId: string;

  @Text('Its place in a trace, as W3C has it.', { nullable, max: 128 })
  traceparent: string | null;

  @Text('Who: `app:<id>`, `person:<userId>` or `gateway`.', { max: 200, example: 'app:org-sync' })
  caller: string;

  @Text('The address that it came from.', { nullable, max: 64, example: '10.0.3.7' })
  address: string | null;

  @Text('What: the name of the mutation.', { max: 64, example: 'updateDepartment' })
  operation: string;

  @Text('Of what; several have a space between them.', { max: 16_384, example: 'department:5' })
  target: string;

  @Id('user', 'The employee in whose name it was done.', { nullable })
  optUserId: string | null;

  @Text('The scope that allowed it.', { nullable, max: 200, example: 'department:write' })
  scope: string | null;

  @Shapes(() => AuditChange, 'What was to be changed.', { maxItems: 100 })
  changes: AuditChange[];

  @Text('How it ended: `ok` or a failure code; null in an intent.', { nullable, max: 64, example: 'ok' })
  outcome: string | null;

  @Text('DingTalk’s own code.', { nullable, max: 256 })
  dingtalkCode: string | null;

  @Text('DingTalk’s own request id, for its support.', { nullable, max: 128 })
  dingtalkRequestId: string | null;

  @Whole('How often it was sent to DingTalk.', { nullable, min: 0, max: 1000 })
  tries: number | null;

  @Whole('How long it took, in milliseconds.', { nullable, min: 0, max: 3_600_000 })
  ms: number | null;

  @Shapes(() => AuditFault, 'The fields that were not right.', { maxItems: 20 })
  faults: AuditFault[];

  @Text('What else there is to know.', { nullable, max: 1024 })
  note: string | null;

  @Text('SHA-256 over the hash before and the record.', { max: 64 })
  hash: string;
}

@ObjectType({ description: 'A record in a list.' })
export class AuditEventEdge {
  @Shape(() => AuditEvent, 'The record.')
  node: AuditEvent;

  @Text('Its place in the list.', { max: 256 })
  cursor: string;
}

@ObjectType({ description: 'A page of the trail, the newest first, as Relay has it.' })
export class AuditEventConnection {
  @Shapes(() => AuditEventEdge, 'The records, each with its cursor.', { maxItems: MAX_PAGE })
  edges: AuditEventEdge[];

  @Shapes(() => AuditEvent, 'The records alone.', { maxItems: MAX_PAGE })
  nodes: AuditEvent[];

  @Shape(() => PageInfo, 'Where the page stands.')
  pageInfo: PageInfo;
}
