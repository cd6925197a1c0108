import { FAILURES, Failure, type FailureCode } from '#contract';
import { toProblem } from './problem.js';

type Responses = Record<string, { $ref: string }>;
type Rows = readonly (readonly [FailureCode, (typeof FAILURES)[FailureCode]])[];

const ROWS = Object.entries(FAILURES) as unknown as Rows;
const STATUSES = [...new Set(ROWS.map(([, { status }]) => status))];

const text = (maxLength: number, description: string) => ({ type: 'string', maxLength, description });

/** The schema of a failure, RFC 9457. */
export const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'retryable', 'requestId'],
  properties: {
    type: text(128, 'The kind of failure, as a URN.'),
    title: text(64, 'The kind of failure, in a few words.'),
    status: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
    code: { type: 'string', enum: ROWS.map(([code]) => code) },
    detail: text(16_384, 'What happened, in words for a person.'),
    retryable: { type: 'boolean', description: 'Whether the very same request may succeed later.' },
    requestId: text(128, 'The request, for the log of the gateway.'),
    dingtalkCode: text(256, 'DingTalk’s own code.'),
    dingtalkRequestId: text(128, 'DingTalk’s own request id, for its support.'),
    errors: {
      type: 'array',
      maxItems: 20,
      description: 'The fields that are to blame.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: text(256, 'Path of the field.'), message: text(1024, 'What is wrong with it.') },
      },
    },
  },
};

const EXAMPLE_REQUEST = '7d8f1b1e-5a83-4a55-9b0c-2f7a4e0f9d11';

function exampleOf(code: FailureCode): { value: object } {
  const failure =
    code === 'BAD_INPUT'
      ? Failure.badInput('name', 'must be 1 to 100 characters')
      : new Failure(code, undefined, code === 'REJECTED' ? { dingtalkCode: '60018' } : {});
  return { value: toProblem(failure, EXAMPLE_REQUEST) };
}

const RETRY_AFTER = {
  description: 'Seconds after which to try again.',
  schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
};

/** How the caller stands, where it has a limit. */
export const RATE_LIMIT = {
  RateLimit: {
    description: 'What is left of the caller’s limit, and when it is whole again; absent for a caller without one.',
    schema: { type: 'string', maxLength: 64 },
    example: '"caller";r=199;t=1',
  },
  'RateLimit-Policy': {
    description: 'The caller’s limit: so many operations at once, and the seconds until as many may be made again.',
    schema: { type: 'string', maxLength: 64 },
    example: '"caller";q=200;w=2',
  },
};

/** Which answers tell it. */
export const tellsRate = (status: string | number): boolean => /^[24]/.test(String(status));

const headersOf = (status: number) => ({
  ...(tellsRate(status) && RATE_LIMIT),
  ...((status === 429 || status >= 502) && { 'Retry-After': RETRY_AFTER }),
});

const responseName = (status: number): string => `Failure${status}`;

function responseOf(status: number) {
  const codes = ROWS.filter(([, row]) => row.status === status).map(([code]) => code);
  return {
    description: codes.map((code) => `\`${code}\`: ${FAILURES[code].detail}`).join(' '),
    headers: headersOf(status),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(codes.map((code) => [code, exampleOf(code)])),
      },
    },
  };
}

/** One shared response for each status of the table. */
export const failureResponses = (): Record<string, object> =>
  Object.fromEntries(STATUSES.map((status) => [responseName(status), responseOf(status)]));

interface Kind {
  /** For probes: it answers without asking anybody. */
  readonly quiet: boolean;
  readonly guarded: boolean;
  readonly takesInput: boolean;
  readonly takesBody: boolean;
  readonly changes: boolean;
  readonly callsDingTalk: boolean;
}

/** When a call can meet a status. */
const MET: Readonly<Record<number, (kind: Kind) => boolean>> = {
  400: ({ takesInput, callsDingTalk }) => takesInput || callsDingTalk,
  401: ({ guarded, callsDingTalk }) => guarded || callsDingTalk,
  403: ({ guarded, callsDingTalk }) => guarded || callsDingTalk,
  404: ({ callsDingTalk }) => callsDingTalk,
  405: () => true,
  409: ({ changes }) => changes,
  413: ({ takesBody }) => takesBody,
  415: ({ takesBody }) => takesBody,
  422: ({ callsDingTalk }) => callsDingTalk,
  429: ({ quiet }) => !quiet,
  500: ({ quiet }) => !quiet,
  502: ({ callsDingTalk }) => callsDingTalk,
  503: ({ quiet }) => !quiet,
  504: ({ callsDingTalk }) => callsDingTalk,
};

/** The failures that a call of that kind can meet. */
export const failuresOf = (kind: Kind): Responses =>
  Object.fromEntries(
    STATUSES.filter((status) => MET[status]?.(kind)).map((status) => [
      status,
      { $ref: `#/components/responses/${responseName(status)}` },
    ]),
  );

const PAGES = [401, 403, 429, 500, 502, 503, 504];

/** The same for a person in a browser: a page that says what happened. */
export const failurePages = (): Record<string, object> =>
  Object.fromEntries(
    PAGES.map((status) => [
      status,
      {
        description: 'A page that says why.',
        headers: headersOf(status),
        content: { 'text/html': { schema: { type: 'string', maxLength: 16_384 } } },
      },
    ]),
  );
