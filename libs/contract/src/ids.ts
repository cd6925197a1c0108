/** A department's id: the digits of a 64-bit number at DingTalk, exact up to 2^53-1. The root is `1`. */
export type DepartmentId = string;
/** A person inside one organisation. Often 17 to 20 digits: never a number. */
export type UserId = string;
/** The same person across the apps of one developer. */
export type UnionId = string;
/** An organisation. */
export type CorpId = string;

export interface IdKind {
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly example: string;
  /** The rule in words, as a caller reads it. */
  readonly rule: string;
  /** True for an id that is a number at DingTalk: beyond 2^53-1 JSON would round it. */
  readonly numeric?: boolean;
}

const DEPARTMENT_DIGITS = '[1-9][0-9]{0,15}';

/** The ids of the contract. Patterns are allow-lists: nothing that means something in a path or a comma list passes. */
export const IDS = {
  department: {
    pattern: new RegExp(`^-?${DEPARTMENT_DIGITS}$`),
    maxLength: 17,
    example: '432825033',
    rule: 'must be a department id: digits in a string, up to 9007199254740991',
    numeric: true,
  },
  writableDepartment: {
    pattern: new RegExp(`^${DEPARTMENT_DIGITS}$`),
    maxLength: 16,
    example: '432825033',
    rule: "must be the id of a department of the organisation: digits in a string, up to 9007199254740991; DingTalk's own negative nodes cannot be changed",
    numeric: true,
  },
  user: {
    pattern: /^(?!\.{1,2}$)[A-Za-z0-9_.@$:+=-]{1,64}$/,
    maxLength: 64,
    example: '102530009661373952',
    rule: 'must be a userId: 1 to 64 letters, digits or _ . @ $ : + = -, and not . or ..',
  },
  union: {
    pattern: /^[A-Za-z0-9_=+-]{1,128}$/,
    maxLength: 128,
    example: 'z21HjQliSzpw0Yxxxx',
    rule: 'must be a unionId: 1 to 128 letters, digits or _ = + -',
  },
  open: {
    pattern: /^\S{1,128}$/,
    maxLength: 128,
    example: '123',
    rule: 'must be an openId',
  },
  corp: {
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    maxLength: 64,
    example: 'ding12345678',
    rule: 'must be a corpId: 1 to 64 letters, digits or _ -',
  },
  /** Of the trail. */
  record: {
    pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    maxLength: 36,
    example: '01a203c2-f743-7180-a374-5165d81c2b4b',
    rule: 'must be the id of a record: a UUID',
  },
} as const satisfies Record<string, IdKind>;

export type IdName = keyof typeof IDS;

/** Whether a value is an id of that kind. */
export function isId(name: IdName, value: unknown): value is string {
  const kind: IdKind = IDS[name];
  return (
    typeof value === 'string' && kind.pattern.test(value) && (!kind.numeric || Number.isSafeInteger(Number(value)))
  );
}
