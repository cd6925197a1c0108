import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { buildOpenApi } from './openapi.js';

const FILES: readonly [name: string, type: string][] = [
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
];

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>DingTalk contact gateway: REST</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#page',
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: (request) => ({ ...request, headers: { 'x-csrf': '1', ...request.headers } }),
});
</script>
</body>
</html>
`;

/** `GET /docs`, which is the front page too, and `GET /openapi.json`. The page's files are those of an npm package; nothing is loaded from elsewhere. */
export function serveApiPage(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  let document: OpenAPIObject | undefined;
  // Outside production there is no front end here yet: whoever comes to the front page sees what there is.
  fastify.get('/', (_, reply) => reply.redirect('/docs'));
  fastify.get('/openapi.json', () => (document ??= buildOpenApi(app)));
  fastify.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  for (const [name, type] of FILES) {
    fastify.get(`/docs/${name}`, async (_, reply) => reply.type(type).send(await readFile(join(folder, name))));
  }
}
