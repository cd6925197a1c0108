// The floor: node:http and undici, nothing else.
import { createServer } from 'node:http';
import { Pool } from 'undici';

const upstream = new Pool(process.env.UPSTREAM, { connections: 128 });
const headers = { 'x-acs-dingtalk-access-token': 'a-token-of-the-person' };

createServer(async (request, response) => {
  try {
    const { statusCode, body } = await upstream.request({ method: 'GET', path: request.url, headers });
    const text = await body.text();
    response.writeHead(statusCode, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  } catch {
    response.writeHead(502).end();
  }
}).listen(Number(process.env.PORT), '127.0.0.1');
