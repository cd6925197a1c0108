import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** `test/x.spec.ts` "words of a test": a later one without a file is in the file before it. */
function promises(row: string): [file: string, words: string][] {
  let file = '';
  return [...row.matchAll(/`([\w./-]+\.spec\.ts)`|"([^"]+)"/g)].flatMap(([, named, words]) => {
    if (named) file = named;
    return words ? [[file, words] as [string, string]] : [];
  });
}

const rows = readFileSync('docs/security.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what could'));

describe('docs/security.md', () => {
  it.each(rows.map((row): [string, string] => [row.split('|')[1]?.trim() ?? '', row]))(
    'names the test for: %s',
    (_, row) => {
      const found = promises(row.split('|')[3] ?? '');
      expect(found.length).toBeGreaterThan(0);
      for (const [file, words] of found) {
        expect(existsSync(file) && readFileSync(file, 'utf8').includes(words) ? words : `${file}: ${words}`).toBe(
          words,
        );
      }
    },
  );
});
