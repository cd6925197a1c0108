import { stringify } from 'csv-stringify/sync';

/** A record of an export, under the word for what it is: the last one is `summary`, or `problem` where it breaks off. */
export type Exported = Readonly<Record<string, object>>;

/** How the records of an export are written. */
export interface Format {
  readonly type: string;
  /** What comes before the first record. */
  readonly head: string;
  write(records: readonly Exported[]): string;
}

const ndjson: Format = {
  type: 'application/x-ndjson; charset=utf-8',
  head: '',
  write: (records) => records.map((record) => `${JSON.stringify(record)}\n`).join(''),
};

/** One row, whatever the record is: what it has no value for is empty. */
function toRow(record: Exported): Record<string, unknown> {
  const [[kind, fields] = ['', {}]] = Object.entries(record as Record<string, Record<string, unknown>>);
  return { record: kind, ...fields, id: fields['id'] ?? fields['userId'] };
}

const isIds = (value: object): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const OPTIONS = {
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
function csv(columns: readonly string[]): Format {
  const options = { ...OPTIONS, columns: ['record', ...columns] };
  return {
    type: 'text/csv; charset=utf-8; header=present',
    head: stringify([], { ...options, header: true, bom: true }),
    write: (records) => stringify(records.map(toRow), options),
  };
}

/** What an export may be asked for as, by the word of its `format`. */
export type Formats = Readonly<Record<FormatName, Format>>;
export type FormatName = 'ndjson' | 'csv';
export const FORMAT_NAMES: readonly FormatName[] = ['ndjson', 'csv'];

/** The formats of an export whose records have these fields. */
export const formatsWith = (columns: readonly string[]): Formats => ({ ndjson, csv: csv(columns) });
