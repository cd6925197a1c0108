import type { IncomingHttpHeaders } from 'node:http';
import type { Journal } from './journal.js';
import type { Levers } from './levers.js';
import type { Quota } from './quota.js';
import type { Tokens } from './world/tokens.js';
import type { World } from './world/world.js';

/** One call as it arrived. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body's fields, of JSON or of a form; undefined where it is neither. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly isJson: boolean;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route works on. */
export interface Desk {
  readonly world: World;
  readonly tokens: Tokens;
}

/** What the control page works on. */
export interface Controls {
  readonly desk: Desk;
  readonly journal: Journal;
  readonly levers: Levers;
  readonly quota: Quota;
  reset(): void;
}

export type Handler = (call: Call, desk: Desk, params: Readonly<Record<string, string>>, unionId?: string) => Reply;

export interface Route {
  readonly dialect: 'v1' | 'oapi';
  readonly method: string;
  /** A path with `{name}` for what varies. */
  readonly path: string;
  /** Whose token the call must carry. */
  readonly token: 'app' | 'user' | 'none';
  /** What DingTalk names as missing where the kind of token is wrong. */
  readonly scope?: string;
  readonly handle: Handler;
}
