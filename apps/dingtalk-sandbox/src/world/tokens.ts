import { randomBytes } from 'node:crypto';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly corpId: string;
}

interface Issued {
  readonly kind: 'app' | 'user';
  readonly unionId?: string;
  endsAtMs: number;
}

/** Codes of the sign-in page and of pages inside DingTalk are of two kinds. */
export type CodeFrom = 'login' | 'in-app';

const LIFE_S = 7200;
const CODE_LIFE_MS = 5 * 60_000;

/** Tokens as DingTalk issues them: the app's is the same while it lives, refresh tokens and auth codes are good once. */
export class Tokens {
  private readonly issued = new Map<string, Issued>();
  private readonly refreshTokens = new Map<string, string>();
  private readonly authCodes = new Map<string, { unionId: string; from: CodeFrom; endsAtMs: number }>();
  private appToken?: string;
  private readonly everMade: string[] = [];

  constructor(readonly credentials: Credentials) {}

  /** Asking again within its life gives the same token and lengthens that. */
  app(): { token: string; expireIn: number } {
    if (!this.appToken || this.find(this.appToken) === undefined) this.appToken = this.issue('app');
    const issued = this.issued.get(this.appToken);
    if (issued) issued.endsAtMs = Date.now() + LIFE_S * 1000;
    return { token: this.appToken, expireIn: LIFE_S };
  }

  authCode(unionId: string, from: CodeFrom = 'login'): string {
    const code = this.make();
    this.authCodes.set(code, { unionId, from, endsAtMs: Date.now() + CODE_LIFE_MS });
    return code;
  }

  /** The person of a code, which is used up by it. */
  useAuthCode(code: unknown, from: CodeFrom): string | undefined {
    const kept = this.authCodes.get(String(code));
    this.authCodes.delete(String(code));
    return kept?.from === from && kept.endsAtMs > Date.now() ? kept.unionId : undefined;
  }

  useRefreshToken(token: unknown): string | undefined {
    const unionId = this.refreshTokens.get(String(token));
    this.refreshTokens.delete(String(token));
    return unionId;
  }

  user(unionId: string): { accessToken: string; refreshToken: string; expireIn: number } {
    const refreshToken = this.make();
    this.refreshTokens.set(refreshToken, unionId);
    return { accessToken: this.issue('user', unionId), refreshToken, expireIn: LIFE_S };
  }

  find(token: string): Issued | undefined {
    const issued = this.issued.get(token);
    return issued && issued.endsAtMs > Date.now() ? issued : undefined;
  }

  /** Ends tokens before their time, as DingTalk does when a secret is changed. */
  revoke(kind: 'app' | 'user' | 'all'): number {
    const ended = [...this.issued].filter(([, issued]) => kind === 'all' || issued.kind === kind);
    for (const [token] of ended) this.issued.delete(token);
    return ended.length;
  }

  /** Everything secret that was ever handed out, used up or not: tests look for it where it must not be. */
  secrets(): string[] {
    return this.everMade;
  }

  private make(): string {
    const secret = randomBytes(16).toString('hex');
    this.everMade.push(secret);
    return secret;
  }

  private issue(kind: 'app' | 'user', unionId?: string): string {
    const token = this.make();
    this.issued.set(token, { kind, unionId, endsAtMs: Date.now() + LIFE_S * 1000 });
    return token;
  }
}
