import type { Capture } from './capture.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

type HeaderMap = Record<string, string>;

const MUTATION_TYPES = { 'content-type': 'application/json' };

/** Talks to the gateway over HTTP as callers do. */
export class Client {
  constructor(
    readonly url: string,
    private readonly capture: Capture,
    /** Ids of all sessions that were opened. */
    readonly sessionIds: string[] = [],
  ) {}

  async raw(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    // Cookies are meant for the caller; everything else that goes out is held against the secrets.
    const headers = [...response.headers].filter(([name]) => name !== 'set-cookie');
    this.capture.answers.push(`${JSON.stringify(headers)}\n${text}`);
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
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
  async signIn(authCode: string): Promise<HeaderMap> {
    const answer = await this.rest('POST', '/session', {}, { authCode });
    if (answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    this.sessionIds.push(cookie.split('=')[1] ?? '');
    return { cookie, 'x-csrf': '1' };
  }
}

export const bearer = (key: string): HeaderMap => ({ authorization: `Bearer ${key}` });
