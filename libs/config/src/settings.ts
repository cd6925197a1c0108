import type { Rate, Scope } from '#contract';
import type { DatabaseAddress } from './database-url.js';
import type { RedisAddress } from './redis-url.js';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** What the gateway was told by its environment: read once, checked, frozen. A class, so that it can be injected. */
export class Settings {
  readonly production: boolean;
  readonly listen: Readonly<{
    host: string;
    port: number;
    publicUrl: string;
    /** Addresses and networks whose `X-Forwarded-For` is believed. */
    trustedProxies: readonly string[];
    /** Browser origins other than that of `publicUrl`. */
    allowedOrigins: readonly string[];
  }>;
  /** A second listener, for operators. */
  readonly admin?: Readonly<{ host: string; port: number }>;
  /** How long new requests are still taken once the process was told to end. */
  readonly drainMs: number;
  readonly dingtalk: Readonly<{
    clientId: string;
    clientSecret: string;
    corpId: string;
    apiUrl: string;
    oapiUrl: string;
    loginUrl: string;
    /** A third-party app offers a person's own profile and nothing else. */
    thirdParty: boolean;
    /** Calls of one API that may arrive at DingTalk in any one second. */
    qps: number;
    /** Deadline of one inbound request, with everything that is done for it. */
    timeoutMs: number;
    /** Calls at DingTalk that the reads of one operation may make. */
    callsMax: number;
  }>;
  readonly reads: Readonly<{
    /** How long what was read is remembered; 0 for not at all. */
    rememberS: number;
    /** What cursors of lists are signed with: the same in all replicas. */
    cursorKey: string;
  }>;
  readonly access: Readonly<{
    appsFile?: string;
    personScopes: readonly Scope[];
    adminScopes: readonly Scope[];
    /** Of a caller that has none of its own. */
    callerRate: Rate | 'off';
    /** The company's identity provider, where callers may bring its JWTs. */
    jwt?: Readonly<{ issuer: string; audience: string; jwksUrl: string }>;
  }>;
  readonly session: Readonly<{ idleS: number; maxS: number }>;
  readonly state: Readonly<{
    /** What replicas share is kept there; without it each process keeps its own. */
    redis?: RedisAddress;
    /** What is kept there is encrypted with the first; the others are read still. */
    secrets: readonly string[];
  }>;
  readonly audit: Readonly<{
    /** Where the trail is kept; without it in a file of `folder`. */
    database?: DatabaseAddress;
    folder: string;
    /** Its checkpoints are signed with the first; the others are believed still. */
    keys: readonly string[];
    /** How long records are kept; without it for ever. */
    keptDays?: number;
    /** Where every record is told besides, for a SIEM: standard output, or a file. */
    tells?: 'stdout' | Readonly<{ file: string }>;
  }>;
  /** Processes on this machine. */
  readonly workers: number;
  /** How far the event loop may lag behind before requests are turned away. */
  readonly overloadLagMs: number;
  /** Documents that front ends may send, where there is a list of them. */
  readonly documents: Readonly<{ mode: 'only' | 'prefer' | 'off'; file?: string }>;
  /** Whether reads go by prepared ways; each has a plain one beside it, which answers the same. */
  readonly fastPath: boolean;
  /** GraphiQL, and introspection without a key. */
  readonly explorer: boolean;
  readonly logLevel: LogLevel;
  /** Whether traces are made and sent, as the standard `OTEL_*` variables say. */
  readonly tracing: boolean;

  constructor(settings: Settings) {
    Object.assign(this, settings);
    for (const part of Object.values(this) as unknown[]) Object.freeze(part);
    Object.freeze(this);
  }
}

/** What is not right before the start, told as it stands: one message with every fault, never with a value. */
export abstract class CannotStart extends Error {
  protected constructor(
    what: string,
    readonly faults: readonly string[],
  ) {
    super([`${what} is not right:`, ...faults.map((fault) => `  - ${fault}`)].join('\n'));
  }
}

/** The environment is wrong: every fault in one message, by variable name, never with a value. */
export class WrongEnvironment extends CannotStart {
  override readonly name = 'WrongEnvironment';

  constructor(faults: readonly string[]) {
    super('The environment', faults);
  }
}
