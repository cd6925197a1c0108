import type { IncomingHttpHeaders } from 'node:http';

/** One call that was received. Nothing is hidden: it is a sandbox. */
export interface JournalEntry {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  status?: number;
  fault?: string;
  /** Whoever called did not wait for the answer. */
  gone?: true;
}

const MAX_ENTRIES = 5000;

/** The last calls received. */
export class Journal {
  private entries: JournalEntry[] = [];

  add(entry: JournalEntry): JournalEntry {
    this.entries.push(entry);
    if (this.entries.length > MAX_ENTRIES) this.entries.shift();
    return entry;
  }

  all(path?: string): readonly JournalEntry[] {
    return path ? this.entries.filter((entry) => entry.path === path) : this.entries;
  }

  clear(): void {
    this.entries = [];
  }
}
