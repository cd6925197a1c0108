import { describe, expect, it } from '@jest/globals';
import { Deadline } from './deadline.js';
import { Logger } from './logger.js';
import { scrub } from './redact.js';
import { runInRequest } from './request-context.js';

describe('text that we did not write', () => {
  it.each([
    ['POST /x?access_token=abc123&y=1', 'access_token=[hidden]'],
    ['Authorization: Bearer dcg_abc', '[hidden]'],
    ['appKey(dingabcdef)', 'appKey([hidden])'],
    ['apply?content=dingabcdef%23qyapi', 'content=[hidden]%23qyapi'],
    ['token 0123456789abcdef0123456789abcdef', '[hidden]'],
    ['call 13800002468 or +86-13800002468', '[mobile]'],
    ['from 10.1.2.3', '[address]'],
  ])('%s is scrubbed', (text, expected) => {
    const told = scrub(text);
    expect(told).toContain(expected);
    expect(told).not.toMatch(/abc123|dcg_|dingabcdef|0123456789abcdef|13800002468|10\.1\.2\.3/);
  });

  it('keeps what is of use', () => {
    expect(scrub('TypeError at department.service.ts:42')).toBe('TypeError at department.service.ts:42');
  });
});

describe('the log', () => {
  const logged = (write: (logger: Logger) => void): Record<string, unknown> => {
    const lines: string[] = [];
    write(new Logger('debug', { write: (line) => void lines.push(line) }));
    return JSON.parse(lines.join('')) as Record<string, unknown>;
  };

  it('hides the values of secret fields, also one level down', () => {
    const line = logged((logger) =>
      logger.event('info', 'x', { clientSecret: 's', body: { access_token: 't', mobile: '138' }, ms: 5 }),
    );
    expect(line).toMatchObject({
      clientSecret: '[hidden]',
      body: { access_token: '[hidden]', mobile: '[hidden]' },
      ms: 5,
    });
  });

  it('names the request and the caller', () => {
    const context = { requestId: 'r1', caller: 'app:org-sync', deadline: new Deadline(1000) };
    const line = logged((logger) => runInRequest(context, () => logger.event('info', 'x')));
    expect(line).toMatchObject({ requestId: 'r1', caller: 'app:org-sync', level: 'info', msg: 'x' });
  });

  it('scrubs what Nest tells of an error', () => {
    const line = logged((logger) => logger.error(new Error('access_token=abc123'), 'ExceptionsHandler'));
    expect(line['from']).toBe('ExceptionsHandler');
    expect(line['msg']).not.toContain('abc123');
  });
});
