import { describe, expect, it } from '@jest/globals';
import { Trail } from '#audit';
import { Logger } from '#telemetry';
import { Capture } from './harness/capture.js';
import { bearer } from './harness/client.js';
import { KEY, TestWorld } from './harness/world.js';

describe('the search for leaks that ends every end-to-end file', () => {
  it('knows the secrets in play: credentials, keys, tokens, refresh tokens, auth codes, sessions', async () => {
    const world = await TestWorld.start();
    const person = await world.client.signIn(world.authCode('lisi'));
    world.sandbox.desk.tokens.revoke('user');
    await world.client.rest('GET', '/v1/users/me', person);
    const oldSession = person['cookie']?.split('=')[1] ?? '';
    await world.restartGateway();
    await world.client.rest('GET', '/v1/departments/1', bearer(KEY));
    const carried = world.sandbox.journal.all().flatMap(({ headers, query, body }) => [
      ...[headers['x-acs-dingtalk-access-token'], query['access_token']],
      ...Object.entries(body ? (JSON.parse(body) as Record<string, string>) : {})
        .filter(([name]) => /secret|code|appKey|clientId|refreshToken/i.test(name))
        .map(([, value]) => value),
    ]);
    const secrets = world.secrets();
    // Among them a refresh token that is used up.
    expect(carried.filter(Boolean).length).toBeGreaterThan(8);
    expect(oldSession).toHaveLength(43);
    for (const secret of [...carried.filter(Boolean), oldSession, KEY]) expect(secrets).toContain(secret);
    expect(world.capture.logs.length).toBeGreaterThan(3);
    expect(world.capture.answers.length).toBeGreaterThan(1);
    await world.stop();
  });

  it('finds a secret in a log and in an answer', () => {
    const capture = new Capture();
    new Logger('info', capture.destination).event('info', 'x', { told: 'a-secret' });
    capture.answers.push('{"data":"another-secret"}');
    expect(capture.leaks(['a-secret', 'another-secret', 'not-said'])).toEqual([
      'log: a-secret',
      'answer: another-secret',
    ]);
  });

  it('fails the file whose gateway kept one', async () => {
    for (const kept of [KEY, '15000009144']) {
      const world = await TestWorld.start();
      const target = `employee:x${kept}`;
      await world.app.get(Trail).refused({ operation: 'x', targets: [target], outcome: 'FORBIDDEN' });
      await new Promise((wait) => setTimeout(wait, 500));
      await expect(world.stop()).rejects.toThrow(`database: ${kept}`);
    }
  });

  it('fails the file whose gateway said one', async () => {
    const world = await TestWorld.start();
    world.app.get(Logger).event('info', 'x', { told: KEY });
    await expect(world.stop()).rejects.toThrow('secrets were said');
  });
});
