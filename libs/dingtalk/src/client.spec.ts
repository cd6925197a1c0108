import { describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import type { RequestContext } from '#telemetry';
import { Deadline, runInRequest } from '#telemetry';
import { DingTalkClient } from './client.js';
import { endpoint } from './endpoint.js';

const settings = readSettings({
  ...{ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' },
});

const changeThing = endpoint({
  name: 'thing.change',
  api: 'v1',
  route: 'PUT /v1.0/things',
  bearer: 'app',
  effect: 'write',
  write: () => ({}),
  read: () => 'changed',
});

/** A client that would send everything. */
function client() {
  const sent: string[] = [];
  const traffic = { send: async ({ name }: { name: string }) => sent.push(name) };
  const tokens = { get: async () => 'token' };
  return { sent, client: new DingTalkClient(settings, traffic as never, tokens as never, tokens as never) };
}

describe('a change', () => {
  const request: RequestContext = { requestId: 'x', deadline: new Deadline(10_000) };

  it.each([
    ['without a request', <Result>(work: () => Result) => work()],
    ['within a request', <Result>(work: () => Result) => runInRequest(request, work)],
  ])('is refused outside of the trail: %s', async (_, within) => {
    const { client: dingtalk, sent } = client();
    await expect(within(() => dingtalk.send(changeThing, {}))).rejects.toMatchObject({
      code: 'INTERNAL',
      details: { note: 'thing.change: a change without an intent' },
    });
    expect(sent).toEqual([]);
  });

  it('is sent within it', async () => {
    const { client: dingtalk, sent } = client();
    await runInRequest({ ...request, change: { tries: 0 } }, () => dingtalk.send(changeThing, {}));
    expect(sent).toEqual(['thing.change']);
  });
});
