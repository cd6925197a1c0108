import type { Kysely } from 'kysely';
import { grantsOf, textOf } from '../chain/grants.js';
import type { AuditRecord } from '../chain/record.js';
import type { Tables } from '../store/tables.js';

type Texts = ReadonlyMap<number, readonly string[]>;

/** @returns undefined for what is no record. */
export function recordOf(body: string): AuditRecord | undefined {
  try {
    const record = JSON.parse(body) as AuditRecord;
    return Array.isArray(record.targets) && Array.isArray(record.changes) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** What stands beside some records and follows from them: what they are found by, and the ledger of grants. */
export class Derived {
  private constructor(
    private readonly targets: Texts,
    private readonly grants: Texts,
  ) {}

  static async of(db: Kysely<Tables>, rows: readonly { readonly sequence: number }[]): Promise<Derived> {
    const [from, to] = [rows[0]?.sequence ?? 0, rows.at(-1)?.sequence ?? 0];
    const targets = await db
      .selectFrom('audit_targets')
      .selectAll()
      .where('sequence', '>=', from)
      .where('sequence', '<=', to)
      .execute();
    const grants = await db
      .selectFrom('audit_visibility_grants')
      .selectAll()
      .where('sequence', '>=', from)
      .where('sequence', '<=', to)
      .execute();
    return new Derived(
      grouped(targets.map(({ sequence, target }) => [sequence, target])),
      grouped(grants.map((row) => [row.sequence, textOf(row)])),
    );
  }

  /** What does not say what the record says. */
  faultsOf(record: AuditRecord): string[] {
    const { sequence, targets } = record;
    const grants = grantsOf(record).map(textOf);
    return [
      ...(isSame(this.targets.get(sequence), [...new Set(targets)]) ? [] : ['what it is found by was changed']),
      ...(isSame(this.grants.get(sequence), grants) ? [] : ['the ledger of grants does not say what the record says']),
    ];
  }
}

const isSame = (told: readonly string[] = [], right: readonly string[]): boolean =>
  JSON.stringify([...told].sort()) === JSON.stringify([...right].sort());

function grouped(entries: readonly (readonly [number, string])[]): Texts {
  const groups = new Map<number, string[]>();
  for (const [key, value] of entries) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}
