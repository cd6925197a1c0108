import { stringify } from 'csv-stringify/sync';
import type { ExportRecord } from '#contact';
import type { FailureCode } from '#contract';

/** What an export is told as; the last record of one that breaks says so. */
export type Told = ExportRecord | { readonly problem: { readonly code: FailureCode; readonly requestId: string } };

/** How the records of an export are written. */
export interface Format {
  readonly type: string;
  /** What comes before the first record. */
  readonly head: string;
  write(records: readonly Told[]): string;
}

const ndjson: Format = {
  type: 'application/x-ndjson; charset=utf-8',
  head: '',
  write: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
};

const COLUMNS = [
  ...[
    'record',
    'id',
    'name',
    'parentId',
    'deptIdList',
    'unionId',
    'title',
    'jobNumber',
    'mobile',
    'stateCode',
    'email',
  ],
  ...['orgEmail', 'telephone', 'workPlace', 'remark', 'hiredDate', 'active', 'admin', 'boss'],
  ...['exclusiveAccount', 'exclusiveAccountType', 'loginId', 'hideMobile', 'avatar', 'extension', 'leaderInDept'],
  ...['deptOrderList', 'sourceIdentifier', 'tags', 'fromUnionOrg'],
  ...['createDeptGroup', 'autoAddUser', 'departments', 'employees', 'skipped', 'code', 'requestId'],
];

/** One row, whatever the record is: what it has no value for is empty. */
function toRow(record: Told): Record<string, unknown> {
  const [[kind, fields] = ['', {}]] = Object.entries(record) as [string, Record<string, unknown>][];
  return { record: kind, ...fields, id: fields['id'] ?? fields['userId'] };
}

const isIds = (value: object): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const OPTIONS = {
  columns: COLUMNS,
  record_delimiter: '\r\n',
  // A spreadsheet would run what begins with = + - @: an apostrophe makes it text.
  escape_formulas: true,
  // By itself it quotes both together only.
  quoted_match: /[\r\n]/,
  cast: {
    boolean: String,
    // A list of ids with spaces between, all else as JSON.
    object: (value: object) => (isIds(value) ? value.join(' ') : JSON.stringify(value)),
  },
} as const;

/** RFC 4180, with a byte order mark: without it Excel takes Chinese for something else. */
const csv: Format = {
  type: 'text/csv; charset=utf-8; header=present',
  head: stringify([], { ...OPTIONS, header: true, bom: true }),
  write: (records) => stringify(records.map(toRow), OPTIONS),
};

export const FORMATS = { ndjson, csv };
export type FormatName = keyof typeof FORMATS;
