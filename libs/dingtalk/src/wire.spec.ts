import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Deadline } from '#telemetry';
import { Wire } from './wire.js';

describe('a call whose caller gives up before it is sent', () => {
  const wire = new Wire();
  const seen = { connections: 0, requests: 0 };
  let server: Server;

  beforeAll(async () => {
    server = createServer((_, response) => {
      seen.requests += 1;
      response.end('{}');
    });
    server.on('connection', () => (seen.connections += 1));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterAll(async () => {
    await wire.close();
    server.close();
  });

  const ask = (deadline = new Deadline(2000)) => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return wire.exchange({ method: 'GET', origin, path: '/', headers: {} }, { deadline });
  };

  it('is not sent, and leaves the connections of others alone', async () => {
    await ask();
    const deadline = new Deadline(2000);
    const call = ask(deadline);
    deadline.end();
    await expect(call).rejects.toMatchObject({ reason: 'given up', sent: false });
    await ask();
    expect(seen).toEqual({ connections: 1, requests: 2 });
  });
});
