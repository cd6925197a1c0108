import { readFileSync } from 'node:fs';
import { CannotStart } from '#config';
import { RATE_RULE, type Rate, type Scope, isScope, parseRate } from '#contract';

/** One entry of the apps file. */
export interface InternalApp {
  readonly id: string;
  /** SHA-256 of each key, in hex. Two at once while a key is changed. */
  readonly keyDigests: readonly string[];
  readonly scopes: ReadonlySet<Scope>;
  readonly rate?: Rate | 'off';
  readonly expiresAtMs?: number;
  readonly disabled: boolean;
}

/** The apps file is not right. Names entries and fields, never a hash. */
export class WrongAppsFile extends CannotStart {
  override readonly name = 'WrongAppsFile';

  constructor(faults: readonly string[]) {
    super('INTERNAL_APPS_FILE', faults);
  }
}

const HASH = /^sha256:([0-9a-f]{64})$/;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const FIELDS = new Set(['id', 'keyHash', 'keyHashes', 'scopes', 'rate', 'expiresAt', 'disabled']);

type Entry = Readonly<Record<string, unknown>>;

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;

const RULES: readonly [(entry: Entry) => boolean, string][] = [
  [(entry) => typeof entry['id'] === 'string' && ID.test(entry['id']), 'id must be small letters, digits and . _ -'],
  [(entry) => hashesOf(entry).length > 0 && hashesOf(entry).length <= 2, 'keyHashes must hold one or two hashes'],
  [(entry) => hashesOf(entry).every((hash) => HASH.test(hash)), 'a key hash must read sha256:<64 hex digits>'],
  [
    ({ keyHash, keyHashes }) => keyHash === undefined || keyHashes === undefined,
    'keyHash and keyHashes are one too many',
  ],
  [(entry) => strings(entry['scopes'])?.every(isScope) ?? false, 'scopes must be a list of known scopes'],
  [({ rate }) => rate === undefined || parseRate(rate) !== undefined, `rate ${RATE_RULE}`],
  [({ expiresAt }) => expiresAt === undefined || isTime(expiresAt), 'expiresAt must be a time as 2027-01-01T00:00:00Z'],
  [({ disabled }) => disabled === undefined || typeof disabled === 'boolean', 'disabled must be true or false'],
  [(entry) => Object.keys(entry).every((name) => FIELDS.has(name)), `fields are ${[...FIELDS].join(', ')}`],
];

const hashesOf = ({ keyHash, keyHashes }: Entry): string[] =>
  strings(keyHash === undefined ? keyHashes : [keyHash]) ?? [];

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));

function toApp(entry: Entry): InternalApp {
  return {
    id: entry['id'] as string,
    keyDigests: hashesOf(entry).map((hash) => hash.replace('sha256:', '')),
    scopes: new Set(strings(entry['scopes'])?.filter(isScope)),
    rate: parseRate(entry['rate']),
    expiresAtMs: entry['expiresAt'] === undefined ? undefined : Date.parse(entry['expiresAt'] as string),
    disabled: entry['disabled'] === true,
  };
}

/** @throws WrongAppsFile with every fault at once. */
export function parseApps(text: string): InternalApp[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    throw new WrongAppsFile(['it is no JSON']);
  }
  if (!Array.isArray(entries)) throw new WrongAppsFile(['it must hold a list of apps']);
  const faults = entries.flatMap((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) return [`entry ${index} must be an object`];
    return RULES.filter(([holds]) => !holds(entry as Entry)).map(([, rule]) => `entry ${index}: ${rule}`);
  });
  if (faults.length > 0) throw new WrongAppsFile(faults);
  const apps = (entries as Entry[]).map(toApp);
  const twice = apps.filter((app, index) => apps.findIndex(({ id }) => id === app.id) !== index);
  if (twice.length > 0) throw new WrongAppsFile(twice.map(({ id }) => `${id} stands in it twice`));
  return apps;
}

/** @throws WrongAppsFile */
export function readApps(file: string): InternalApp[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new WrongAppsFile(['it names a file that cannot be read']);
  }
  return parseApps(text);
}
