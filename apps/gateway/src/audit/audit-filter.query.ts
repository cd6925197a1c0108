import { applyDecorators } from '@nestjs/common';
import { ApiQuery, type ApiQueryOptions } from '@nestjs/swagger';
import { AuditPhase } from '#audit';

const TIME = { type: 'string' as const, format: 'date-time', maxLength: 29 };
const text = (maxLength: number, example: string) => ({ type: 'string' as const, minLength: 1, maxLength, example });

/** As `AuditFilter` has them. */
const PARAMETERS: readonly ApiQueryOptions[] = [
  { name: 'from', description: 'From then on, the time itself included.', schema: TIME },
  { name: 'to', description: 'Before then.', schema: TIME },
  {
    name: 'caller',
    description: 'Who: `app:<id>`, `person:<userId>` or `gateway`.',
    schema: text(200, 'app:org-sync'),
  },
  { name: 'operation', description: 'What: the name of the mutation.', schema: text(64, 'updateDepartment') },
  {
    name: 'target',
    description: 'Of what: `department:<id>`, `employee:<userId>`, `organisation:<corpId>`.',
    schema: text(200, 'department:5'),
  },
  { name: 'outcome', description: 'How it ended: `ok` or a failure code.', schema: text(64, 'FORBIDDEN') },
  {
    ...{ name: 'phase', description: 'How far it came.' },
    schema: { type: 'string', enum: Object.values(AuditPhase) },
  },
];

/** Documents the filter in the query of a REST door. */
export const TakesAuditFilter = (): MethodDecorator =>
  applyDecorators(...PARAMETERS.map((parameter) => ApiQuery({ ...parameter, required: false })));
