import type { Verdict } from '#audit';

const NAME_WIDTH = 14;
const MOST_UNKNOWN = 20;

const row = (name: string, told: string): string => `${name.padEnd(NAME_WIDTH)}${told}\n`;

function signedOf({ checkpoints, isSigned, isBelieved, signedFrom }: Verdict): string {
  if (isBelieved) return `${checkpoints}, signed since record ${signedFrom} was written`;
  if (isSigned) return `${checkpoints}, signed with a key that is not given here (AUDIT_KEY)`;
  return `${checkpoints}, not signed (AUDIT_KEY): somebody with the database could have made it all anew`;
}

/** What was found, as lines of a table. */
export function verifyReport(verdict: Verdict): string {
  const { records, from, to, lastHash, unknown, found, findings } = verdict;
  const more = unknown.length > MOST_UNKNOWN ? ' …' : '';
  return [
    row('records', records === 0 ? 'none' : `${records}, from ${from} to ${to}`),
    row('checkpoints', signedOf(verdict)),
    row('last record', `${to}:${lastHash}`),
    ...(unknown.length > 0
      ? [
          row(
            'unknown',
            `${unknown.length} without a known outcome: ${unknown.slice(0, MOST_UNKNOWN).join(' ')}${more}`,
          ),
        ]
      : []),
    '\n',
    ...findings.map(({ sequence, what }) => `WRONG  ${sequence === 0 ? 'the trail' : `record ${sequence}`}: ${what}\n`),
    findings.length === 0 ? 'All is as it was written.\n' : `\n${found} findings: the trail was changed.\n`,
  ].join('');
}
