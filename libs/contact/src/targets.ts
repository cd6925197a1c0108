import type { AuditRecord } from '#audit';

/** What a record of the trail is about: `department:5`. */
export const targetOf = (kind: 'department' | 'employee' | 'organisation', id: string): string => `${kind}:${id}`;

/** The id of what a record is about. */
export const idOf = ({ targets: [target = ''] }: AuditRecord): string => target.slice(target.indexOf(':') + 1);
