import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { readSettings } from '#config';
import { Traces } from '#telemetry';
import { Drain } from './drain.js';
import { Load } from './load.js';
import { handleRequests } from './requests.js';

const fastify = new FastifyAdapter().getInstance();
const settings = readSettings({ DINGTALK_CLIENT_ID: 'id', DINGTALK_CLIENT_SECRET: 's', DINGTALK_CORP_ID: 'ding1' });
let url: string;

beforeAll(async () => {
  handleRequests(fastify, settings, new Traces(), new Drain(new Load(1000)));
  fastify.get('/header', (_, reply) => reply.header('location', '/张三').send('{}'));
  fastify.get('/body', (_, reply) => reply.type('text/plain').send({}));
  fastify.get('/right', (_, reply) => reply.send('{}'));
  url = await fastify.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => fastify.close());

describe('an answer that cannot be written', () => {
  it.each(['/header', '/body'])('is a failure of that request, and of no other: %s', async (path) => {
    const answers = await Promise.all([path, '/right', path, '/right'].map((one) => fetch(`${url}${one}`)));
    expect(answers.map(({ status }) => status)).toEqual([500, 200, 500, 200]);
  });
});
