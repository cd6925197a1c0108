import type { Finding, Verdict } from './finding.js';

const WORDS: Readonly<Record<Verdict, string>> = { ok: 'ok', wrong: 'WRONG', unsure: 'unsure', note: 'note' };
const COLORS: Readonly<Record<Verdict, number>> = { ok: 32, wrong: 31, unsure: 33, note: 36 };
const VERDICT_WIDTH = 8;
const NAME_WIDTH = 44;

/** One finding as lines of a table, with what to do below it. */
export function rowOf({ name, verdict, found, todo }: Finding, isColored: boolean): string {
  const word = WORDS[verdict].padEnd(VERDICT_WIDTH);
  const shown = isColored ? `\u001b[${COLORS[verdict]}m${word}\u001b[0m` : word;
  const row = `${shown}${name.padEnd(NAME_WIDTH)}${found}`;
  return todo === undefined ? row : `${row}\n${' '.repeat(VERDICT_WIDTH)}  → ${todo}`;
}

/** The last line. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const [wrong, unsure] = [count('wrong'), count('unsure')];
  if (wrong > 0) return `${wrong} to be mended${unsure > 0 ? `, ${unsure} could not be found out` : ''}.`;
  return unsure > 0 ? `Nothing is wrong; ${unsure} could not be found out.` : 'All is well.';
}
