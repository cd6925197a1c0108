/** Who has to act: it decides the words that go out, the log level and whether the operator is woken. */
type Blame = 'caller' | 'operator' | 'dingtalk' | 'gateway';

interface FailureRow {
  /** HTTP status of a REST answer. */
  readonly status: number;
  readonly title: string;
  readonly blame: Blame;
  /** Whether the very same request may succeed later. */
  readonly retryable: boolean;
  /** What a caller reads; a failure that the caller is to blame for says it more exactly. */
  readonly detail: string;
}

type Words = readonly [title: string, detail: string];

/** A failure that stays until somebody changes something. */
const lasting = (status: number, blame: Blame, [title, detail]: Words): FailureRow => ({
  status,
  blame,
  retryable: false,
  title,
  detail,
});

/** A failure that passes by itself. */
const passing = (status: number, blame: Blame, words: Words): FailureRow => ({
  ...lasting(status, blame, words),
  retryable: true,
});

/** Every way in which a call of the gateway can fail. REST, GraphQL, logs and documents read this one table. */
export const FAILURES = Object.freeze({
  BAD_INPUT: lasting(400, 'caller', ['Bad input', 'The request holds a value that is not allowed.']),
  UNAUTHENTICATED: lasting(401, 'caller', ['Not signed in', 'The request needs a key or a session.']),
  FORBIDDEN: lasting(403, 'caller', ['Not allowed', 'The caller may not do this.']),
  NOT_FOUND: lasting(404, 'caller', ['Not found', 'There is no such thing.']),
  METHOD_NOT_ALLOWED: lasting(405, 'caller', ['Method not allowed', 'This address does not take that method.']),
  IDEMPOTENCY_CONFLICT: passing(409, 'caller', ['Still running', 'The first request with this key is still running.']),
  TOO_LARGE: lasting(413, 'caller', ['Too large', 'The body is larger than 1 MiB.']),
  UNSUPPORTED_MEDIA_TYPE: lasting(415, 'caller', ['Unsupported media type', 'The body is to be application/json.']),
  REJECTED: lasting(422, 'caller', ['Rejected by DingTalk', 'DingTalk understood the request and refused it.']),
  IDEMPOTENCY_MISMATCH: lasting(422, 'caller', ['Key used before', 'This key belongs to a different request.']),
  TOO_MANY_REQUESTS: passing(429, 'caller', ['Too many requests', 'The caller asks more often than it may.']),
  INTERNAL: lasting(500, 'gateway', ['Internal error', 'The gateway failed. Its log has the reason.']),
  DINGTALK_TOKEN_REFUSED: lasting(502, 'operator', [
    'DingTalk refuses the credentials',
    'DingTalk does not accept the credentials of the gateway. Its operator has to look at the app id and secret.',
  ]),
  DINGTALK_NOT_PERMITTED: lasting(502, 'operator', [
    'Not permitted at DingTalk',
    'The app of the gateway lacks a permission, a whitelisted address or contact scope at DingTalk, or is of a type that offers no more than a person’s own profile. The log of the gateway names it.',
  ]),
  DINGTALK_UNREADABLE: passing(502, 'dingtalk', ['Unreadable answer', 'DingTalk sent an answer that makes no sense.']),
  DINGTALK_UNAVAILABLE: passing(502, 'dingtalk', ['DingTalk unavailable', 'DingTalk cannot be reached or is busy.']),
  DINGTALK_THROTTLED: passing(503, 'dingtalk', ['Throttled by DingTalk', 'DingTalk allows no more calls just now.']),
  DINGTALK_QUOTA_SPENT: lasting(503, 'operator', ['Quota spent', "This month's calls at DingTalk are used up."]),
  SESSION_STORE_UNAVAILABLE: passing(503, 'operator', [
    'Sessions unavailable',
    'The store that holds the sessions does not answer.',
  ]),
  IDENTITY_PROVIDER_UNAVAILABLE: passing(503, 'operator', [
    'Identity provider unavailable',
    'The keys that JWTs are checked with cannot be fetched from the identity provider.',
  ]),
  AUDIT_UNAVAILABLE: passing(503, 'operator', ['Trail unavailable', 'Changes cannot be recorded, so none is made.']),
  OVERLOADED: passing(503, 'gateway', ['Overloaded', 'The gateway has more to do than it can.']),
  DINGTALK_TIMEOUT: passing(504, 'dingtalk', ['DingTalk too slow', 'DingTalk did not answer in time.']),
  OUTCOME_UNKNOWN: lasting(504, 'dingtalk', [
    'Outcome unknown',
    'The change was sent to DingTalk and its answer was lost: it may or may not have been made. Read before sending it again.',
  ]),
} as const satisfies Record<string, FailureRow>);

export type FailureCode = keyof typeof FAILURES;

export const isFailureCode = (word: string): word is FailureCode => Object.hasOwn(FAILURES, word);

/** One bad field of an input: its path (`changes.name`, `toCorpIds`) and what is wrong with it, never its value. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

interface FailureDetails {
  readonly fields?: readonly FieldFault[];
  /** DingTalk's own code, as `60003` or `invalid.param`. */
  readonly dingtalkCode?: string;
  /** DingTalk's own request id, for its support. */
  readonly dingtalkRequestId?: string;
  /** Seconds after which the call may be tried again. */
  readonly retryAfterS?: number;
  /** What goes into `WWW-Authenticate`, after RFC 6750: `error="invalid_token"`. */
  readonly challenge?: string;
  /** For the operator's log only; never sent to a caller. */
  readonly note?: string;
  /** True where nobody waits for the answer any more: DingTalk is not to blame. */
  readonly givenUp?: boolean;
  /** True where a write may have been made although its answer is missing. */
  readonly mayHaveRun?: boolean;
  /** Which calls may be sent again at once: a read only, or a write too, since it certainly was not made. */
  readonly repeat?: 'read' | 'any';
  /** True where a call was cut short so soon that DingTalk is not to blame for its lateness. */
  readonly hurried?: boolean;
  /** True where the gateway itself kept the call back. */
  readonly heldBack?: boolean;
}

/** The one error class that the gateway throws on purpose. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly code: FailureCode,
    message: string = FAILURES[code].detail,
    readonly details: FailureDetails = {},
  ) {
    super(message);
  }

  static badInput(field: string, message: string): Failure {
    return new Failure('BAD_INPUT', `${field}: ${message}`, { fields: [{ field, message }] });
  }

  /** What was shown is wrong, has ended or is not believed. */
  static unauthenticated(message: string): Failure {
    return new Failure('UNAUTHENTICATED', message, { challenge: 'error="invalid_token"' });
  }

  get row(): FailureRow {
    return FAILURES[this.code];
  }

  /** What goes out: the failure's own words only where the caller is to blame. */
  get detail(): string {
    return this.row.blame === 'caller' ? this.message : this.row.detail;
  }
}
