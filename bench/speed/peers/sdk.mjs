// DingTalk's own SDK behind node:http: no GraphQL, no checks.
import { createServer } from 'node:http';
import contact from '@alicloud/dingtalk/contact_1_0.js';
import { Config } from '@alicloud/openapi-client';
import { RuntimeOptions } from '@alicloud/tea-util';

const { default: Client, GetUserHeaders } = contact;
const { host } = new URL(process.env.UPSTREAM);
const client = new Client(new Config({ protocol: 'http', regionId: 'central', endpoint: host }));
const headers = new GetUserHeaders({ xAcsDingtalkAccessToken: 'a-token-of-the-person' });
const options = new RuntimeOptions({});

createServer(async (request, response) => {
  try {
    const unionId = request.url.slice(request.url.lastIndexOf('/') + 1);
    const { body } = await client.getUserWithOptions(unionId, headers, options);
    const text = JSON.stringify(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  } catch {
    response.writeHead(502).end();
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
