/** `ok`, `wrong` (it has to be mended), `unsure` (it could not be found out) or `note` (worth knowing). */
export type Verdict = 'ok' | 'wrong' | 'unsure' | 'note';

/** One thing that was looked at. Nothing in it is secret. */
export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly found: string;
  /** What to do, and where. */
  readonly todo?: string;
}
