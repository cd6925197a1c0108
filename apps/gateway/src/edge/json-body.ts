import type { FastifyInstance } from 'fastify';
import { Failure } from '#contract';

/** Bytes of a body. */
export const MAX_BODY = 1024 * 1024;
/** Levels of brackets: deeper ones would exhaust the stack of whoever walks them. */
const MAX_DEPTH = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether brackets nest deeper than the limit, strings left out; it does not care whether the JSON is right. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw Failure.badInput('body', 'is not valid UTF-8');
  }
}

/** JSON has one encoding; a charset that names another is a mistake. */
const isUtf8 = (type = ''): boolean => !/charset=/i.test(type) || /charset="?utf-?8"?\s*(?:;|$)/i.test(type);

/** Bodies are JSON and nothing else: strict UTF-8, bounded depth, no `__proto__`. An empty one is no body. */
export function readJsonBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (!isUtf8(request.headers['content-type'])) throw new Failure('UNSUPPORTED_MEDIA_TYPE');
      const text = decode(body as Buffer);
      if (text.trim() === '') return done(null, undefined);
      if (isTooDeep(text)) throw Failure.badInput('body', `must not nest deeper than ${MAX_DEPTH} levels`);
      return parse(request, text, done);
    } catch (error) {
      return done(error as Error);
    }
  });
}
