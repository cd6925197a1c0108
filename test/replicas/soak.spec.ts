import { describe, expect, it } from '@jest/globals';
import { Program } from '../harness/processes.js';

describe('npm run soak', () => {
  it('in its short form finds that nothing grows, and answers everything as expected', async () => {
    const { code, stdout, stderr } = await Program.node(['bench/soak.mjs', '--requests', '6000']).ended;
    expect(stderr).toBe('');
    expect(stdout).toContain('Every request was answered as expected.');
    expect(stdout).toContain('Nothing grows.');
    expect(code).toBe(0);
    expect(stdout.match(/^\| \d+ \| [\d.]+ MB \| [\d.]+ MB \| \d+ \|$/gm)).toHaveLength(20);
  }, 120_000);
});
