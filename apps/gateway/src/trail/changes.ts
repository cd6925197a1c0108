import type { ExecutionContext } from '@nestjs/common';
import { type IdName, isId, isObject } from '#contract';

/** What a door changes. */
export interface ChangesWhat {
  /** As the trail calls it. */
  readonly kind: 'department' | 'employee' | 'organisation';
  /** Where its ids stand in what is asked; nowhere for what is yet to be created. */
  readonly in?: string;
}

export const CHANGES = 'trail:changes';

/** What is changed at a door; undefined where nothing is. */
export const changesAtDoor = (context: ExecutionContext): ChangesWhat | undefined =>
  Reflect.getMetadata(CHANGES, context.getHandler()) as ChangesWhat | undefined;

const IDS_OF: Readonly<Record<ChangesWhat['kind'], IdName>> = {
  department: 'department',
  employee: 'user',
  organisation: 'corp',
};

/** As many organisations as one change may name. */
const MOST_TARGETS = 200;

/** The names of what was asked to be changed, as far as they are ids; of what is not the kind alone. */
export function targetsOf({ kind, in: where }: ChangesWhat, asked: unknown): string[] {
  const told = where === undefined ? undefined : valueAt(asked, where);
  const ids = (Array.isArray(told) ? told : [told]).slice(0, MOST_TARGETS).filter((id) => isId(IDS_OF[kind], id));
  return ids.length > 0 ? ids.map((id) => `${kind}:${String(id)}`) : [kind];
}

/** GraphQL has the input of a mutation one level down. */
function valueAt(asked: unknown, where: string): unknown {
  if (!isObject(asked)) return undefined;
  return asked[where] ?? Object.values(asked).find(isObject)?.[where];
}
