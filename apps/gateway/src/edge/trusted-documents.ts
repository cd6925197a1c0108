import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { parse } from 'graphql';
import { CannotStart, Settings } from '#config';
import { Failure, isObject } from '#contract';

/** The file of trusted documents is not right. Names hashes, never a document. */
class WrongDocumentsFile extends CannotStart {
  override readonly name = 'WrongDocumentsFile';

  constructor(faults: readonly string[]) {
    super('TRUSTED_DOCUMENTS_FILE', faults);
  }
}

const HASH = /^(?:sha256:)?([0-9a-f]{64})$/;
const MOST_FAULTS = 20;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const isDocument = (text: string): boolean => {
  try {
    return parse(text).definitions.length > 0;
  } catch {
    return false;
  }
};

function faultOf([name, text]: [string, unknown]): string | undefined {
  const hash = HASH.exec(name)?.[1];
  const told = name.slice(0, 71);
  if (!hash) return `${told}: must be a sha256 in 64 hex digits`;
  if (typeof text !== 'string') return `${told}: must be the text of a document`;
  if (hashOf(text) !== hash) return `${told}: is not the sha256 of its document`;
  return isDocument(text) ? undefined : `${told}: is not GraphQL`;
}

function readDocuments(file: string): Map<string, string> {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new WrongDocumentsFile(['it cannot be read, or is not JSON']);
  }
  if (!isObject(entries)) throw new WrongDocumentsFile(['it must be an object of sha256 -> document']);
  const faults = Object.entries(entries).flatMap((entry) => faultOf(entry) ?? []);
  if (faults.length > 0) throw new WrongDocumentsFile(faults.slice(0, MOST_FAULTS));
  return new Map(Object.entries(entries).map(([name, text]) => [name.replace('sha256:', ''), String(text)]));
}

/** What a request says of its document: its text, or the sha256 of a trusted one, in either of two usual ways. */
export interface Asked {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** The hash as `documentId` (GraphQL over HTTP) or as Apollo's `extensions.persistedQuery.sha256Hash`. */
function hashIn({ documentId, extensions }: Asked): { field: string; hash: unknown } | undefined {
  if (documentId !== undefined && documentId !== null) return { field: 'documentId', hash: documentId };
  const persisted = isObject(extensions) ? extensions['persistedQuery'] : undefined;
  if (!isObject(persisted)) return undefined;
  return { field: 'extensions.persistedQuery.sha256Hash', hash: persisted['sha256Hash'] };
}

/** Documents that were registered beforehand. With `only` nothing else is taken: a front end that was not built so cannot ask. */
@Injectable()
export class TrustedDocuments {
  private readonly mode: Settings['documents']['mode'];
  private readonly documents: ReadonlyMap<string, string>;

  /** @throws WrongDocumentsFile */
  constructor({ documents: { mode, file } }: Settings) {
    this.mode = mode;
    this.documents = mode !== 'off' && file ? readDocuments(file) : new Map<string, string>();
  }

  /**
   * The text of the document that is asked for; undefined where there is none.
   * @throws Failure BAD_INPUT
   */
  textOf(asked: Asked): string | undefined {
    const query = typeof asked.query === 'string' && asked.query !== '' ? asked.query : undefined;
    const named = hashIn(asked);
    if (named) return this.find(named, query);
    if (this.mode === 'only' && query !== undefined && !this.documents.has(hashOf(query))) {
      throw Failure.badInput('query', 'is not one of the trusted documents, and no other is taken');
    }
    return query;
  }

  private find({ field, hash }: { field: string; hash: unknown }, query: string | undefined): string {
    if (this.mode === 'off') throw Failure.badInput(field, 'is not taken: there are no trusted documents here');
    const digits = typeof hash === 'string' ? HASH.exec(hash)?.[1] : undefined;
    if (!digits) throw Failure.badInput(field, 'must be a sha256 in 64 hex digits');
    const text = this.documents.get(digits);
    if (text === undefined) throw Failure.badInput(field, 'is not one of the trusted documents');
    if (query !== undefined && query !== text) throw Failure.badInput('query', 'is not the document of that sha256');
    return text;
  }
}
