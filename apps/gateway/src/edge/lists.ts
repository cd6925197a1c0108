import { type Type, applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiQuery, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { MAX_CURSOR, MAX_PAGE, type Page } from '#contract';
import { holding } from './answers.js';

/** How a REST list ends: whether more follows, and the cursor to go on with. */
interface ListEnd {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** Of a list that is told whole. */
export const WHOLE_LIST: ListEnd = { hasNextPage: false, endCursor: null };

/** A page of a REST list, with the address of the next one in its `Link` header (RFC 8288). */
export function answerPage<Item>({ edges, pageInfo }: Page<Item>, reply: FastifyReply) {
  const { hasNextPage, endCursor } = pageInfo;
  if (hasNextPage && endCursor !== null) {
    const url = new URL(reply.request.url, 'http://gateway.invalid');
    url.searchParams.set('cursor', endCursor);
    void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  }
  return { items: edges.map(({ node }) => node), pageInfo: { hasNextPage, endCursor } };
}

const PAGE_INFO = {
  type: 'object',
  required: ['hasNextPage', 'endCursor'],
  properties: {
    hasNextPage: { type: 'boolean', description: 'Whether more follows.' },
    endCursor: { type: ['string', 'null'], maxLength: MAX_CURSOR, description: 'What to send as `cursor` to go on.' },
  },
};

const LINK = {
  description: 'The next page, as `<…>; rel="next"`; absent on the last one.',
  schema: { type: 'string', maxLength: 2048 },
};

interface ListOptions {
  /** One sentence: what the call does. */
  readonly does: string;
  readonly maxItems?: number;
  /** How many items a page holds by default; left out for a list that is told whole. */
  readonly limit?: number;
  /** What the answer may hold instead, by noun. */
  readonly or?: Readonly<Record<string, object>>;
}

const paging = (limit: number): MethodDecorator[] => [
  ApiQuery({
    ...{ name: 'limit', required: false, description: `Items of a page; ${limit} by default.` },
    schema: { type: 'integer', format: 'int32', minimum: 1, maximum: MAX_PAGE, default: limit },
  }),
  ApiQuery({
    ...{ name: 'cursor', required: false, description: 'The `endCursor` of the page before.' },
    schema: { type: 'string', maxLength: MAX_CURSOR },
  }),
];

/** Documents a REST door that answers `{ "<nouns>": […], "pageInfo": {…} }`. */
export function AnswersList(
  nouns: string,
  item: Type,
  { does, maxItems = MAX_PAGE, limit, or = {} }: ListOptions,
): MethodDecorator {
  const items = { type: 'array', maxItems, items: { $ref: getSchemaPath(item) } };
  const list = { type: 'object', required: [nouns, 'pageInfo'], properties: { [nouns]: items, pageInfo: PAGE_INFO } };
  const others = Object.entries(or).map(([noun, inner]) => holding(noun, inner));
  return applyDecorators(
    ApiExtraModels(item),
    ApiOperation({ summary: does }),
    ...(limit === undefined ? [] : paging(limit)),
    ApiResponse({
      status: 200,
      description: 'The answer.',
      ...(limit !== undefined && { headers: { Link: LINK } }),
      content: { 'application/json': { schema: others.length > 0 ? { oneOf: [list, ...others] } : list } },
    }),
  );
}
