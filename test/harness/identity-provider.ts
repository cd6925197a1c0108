import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWTPayload, SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

const AUDIENCE = 'dingtalk-contact-gateway';

/** How a JWT differs from a right one. */
export interface Difference {
  readonly claims?: JWTPayload;
  readonly alg?: string;
  readonly kid?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** Seconds from now. */
  readonly ends?: number | null;
  readonly begins?: number;
  readonly key?: Pair['privateKey'];
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

/** The company's identity provider: signs JWTs and publishes its keys. */
export class IdentityProvider {
  fetches = 0;
  /** What it answers instead of its keys. */
  broken?: { status: number; body: string };
  private pair: Pair;
  private kid = 'first';
  private alg = 'RS256';
  private readonly server: Server;

  constructor() {
    this.server = createServer((_, response) => {
      this.fetches += 1;
      void this.answer().then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      });
    });
  }

  static async start(): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    provider.pair = await generateKeyPair('RS256');
    await new Promise<void>((listening) => provider.server.listen(0, '127.0.0.1', listening));
    return provider;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** The settings of a gateway that trusts it. */
  get environment() {
    return { JWT_ISSUER: this.url, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL: `${this.url}/keys` };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** New keys; the ones before are published no more. */
  async rotate(kid: string, alg = 'RS256'): Promise<void> {
    this.kid = kid;
    this.alg = alg;
    this.pair = await generateKeyPair(alg, { extractable: true });
  }

  /** A JWT that is right but for the differences named. */
  async jwt(claims: JWTPayload, different: Difference = {}): Promise<string> {
    const { alg = 'RS256', kid = this.kid, issuer = this.url, audience = AUDIENCE, ends = 600, begins } = different;
    const token = new SignJWT({ sub: 'reporting', ...claims })
      .setProtectedHeader({ alg, kid })
      .setIssuer(issuer)
      .setAudience(audience);
    if (ends !== null) token.setExpirationTime(inSeconds(ends));
    if (begins !== undefined) token.setNotBefore(inSeconds(begins));
    return token.sign(different.key ?? this.pair.privateKey);
  }

  /** Signed by nobody. */
  unsigned(claims: JWTPayload): string {
    const token = new UnsecuredJWT({ sub: 'reporting', ...claims }).setIssuer(this.url).setAudience(AUDIENCE);
    return token.setExpirationTime(inSeconds(600)).encode();
  }

  /** Signed with the public key as if it were a shared secret. */
  async confused(claims: JWTPayload): Promise<string> {
    const secret = new TextEncoder().encode(await exportSPKI(this.pair.publicKey));
    return new SignJWT({ sub: 'reporting', ...claims })
      .setProtectedHeader({ alg: 'HS256', kid: this.kid })
      .setIssuer(this.url)
      .setAudience(AUDIENCE)
      .setExpirationTime(inSeconds(600))
      .sign(secret);
  }

  private async answer(): Promise<{ status: number; body: string }> {
    if (this.broken) return this.broken;
    const key = { ...(await exportJWK(this.pair.publicKey)), kid: this.kid, alg: this.alg, use: 'sig' };
    return { status: 200, body: JSON.stringify({ keys: [key] }) };
  }
}
