import type { Capture } from './capture.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

/** An error of GraphQL at a field, as a caller reads it. */
export interface FieldError {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly extensions: { readonly code: string };
}

type HeaderMap = Record<string, string>;

/** Shorter ones are made up, and ordinary words. */
const SHORTEST_SECRET = 20;

const MUTATION_TYPES = { 'content-type': 'application/json' };

/** Talks to the gateway over HTTP as callers do. */
export class Client {
  constructor(
    readonly url: string,
    private readonly capture: Capture,
    /** What was shown to get in, and the sessions that were opened: nothing of it may be said again. */
    readonly secrets = new Set<string>(),
  ) {}

  async raw(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    this.remember(init.headers as HeaderMap | undefined, response.headers.getSetCookie());
    // Cookies are meant for the caller, and DingTalk's page for its own client; all else is held against the secrets.
    const meant = path.startsWith('/session/login') ? ['set-cookie', 'location'] : ['set-cookie'];
    const headers = [...response.headers].filter(([name]) => !meant.includes(name));
    this.capture.answers.push(`${JSON.stringify(headers)}\n${text}`);
    const isJson = /^application\/(?:[a-z]+\+)?json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text ? JSON.parse(text) : undefined,
    };
  }

  rest(method: string, path: string, headers: HeaderMap, body?: unknown): Promise<Answer> {
    const types = body === undefined ? {} : MUTATION_TYPES;
    return this.raw(path, {
      method,
      headers: { ...types, ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  graphql(headers: HeaderMap, query: string, variables?: unknown): Promise<Answer> {
    return this.rest('POST', '/graphql', headers, { query, variables });
  }

  /** Signs in and returns the headers that a browser's call would carry. */
  async signIn(authCode: string, via?: 'in-app'): Promise<HeaderMap> {
    const answer = await this.rest('POST', '/session', {}, { authCode, via });
    if (answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    return { cookie, 'x-csrf': '1' };
  }

  private remember(headers: HeaderMap = {}, cookies: readonly string[]): void {
    const token = headers['authorization']?.split(' ')[1] ?? '';
    const set = cookies.map((cookie) => /=([^;]*)/.exec(cookie)?.[1] ?? '');
    for (const secret of [token, ...set]) if (secret.length >= SHORTEST_SECRET) this.secrets.add(secret);
  }
}

export const bearer = (key: string): HeaderMap => ({ authorization: `Bearer ${key}` });
