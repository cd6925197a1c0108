import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSettings } from '#config';
import { Deadline } from '#telemetry';
import { endpoint } from './endpoint.js';
import { Transport } from './transport.js';

const getThing = endpoint({
  name: 'thing.get',
  api: 'v1',
  route: 'GET /v1.0/things/{id}',
  bearer: 'none',
  effect: 'read',
  write: ({ id }: { id: string }) => ({ path: { id } }),
  read: (answer) => answer.text('seen'),
});

describe('a value in a path', () => {
  const seen: string[] = [];
  let server: Server;
  let transport: Transport;

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end(JSON.stringify({ seen: request.url }));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    transport = new Transport(
      readSettings({
        DINGTALK_CLIENT_ID: 'id',
        DINGTALK_CLIENT_SECRET: 's',
        DINGTALK_CORP_ID: 'ding1',
        DINGTALK_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      }),
    );
  });
  afterAll(async () => {
    await transport.onApplicationShutdown();
    server.close();
  });

  const send = (id: string) => transport.send(getThing, { id }, { deadline: new Deadline(2000) });

  it('is encoded', async () => {
    expect(await send('a+b=')).toBe('/v1.0/things/a%2Bb%3D');
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'a?b', 'a#b', 'a%2Fb', 'a\r\nb', 'x'.repeat(129)])(
    'that reads %j is refused even where nobody checked it before, and nothing is sent',
    async (id) => {
      seen.length = 0;
      await expect(send(id)).rejects.toMatchObject({ code: 'BAD_INPUT', details: { fields: [{ field: 'id' }] } });
      expect(seen).toEqual([]);
    },
  );
});
