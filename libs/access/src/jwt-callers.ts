import { Injectable } from '@nestjs/common';
import { type JWTPayload, errors, jwtVerify } from 'jose';
import { Settings } from '#config';
import { type AppCaller, Failure, isPlainText, isScope } from '#contract';
import { Logger } from '#telemetry';
import { ProviderKeys } from './provider-keys.js';

/** Asymmetric ones only: with a shared secret, whoever can check a token could also make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Clocks of two machines may differ by so much. */
const SKEW_S = 30;
const MAX_NAME = 128;

const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;

const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'The JWT is of another issuer.',
  aud: 'The JWT is for another audience.',
  nbf: 'The JWT is not valid yet.',
  exp: 'The JWT says no time at which it ends (exp).',
};

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The JWT has expired.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'The algorithm of the JWT is not allowed.',
  ERR_JOSE_NOT_SUPPORTED: 'The JWT asks for something that is not supported here.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of the JWT is not right.',
  ERR_JWKS_NO_MATCHING_KEY: 'The identity provider does not know the key that the JWT is signed with.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The JWT does not say which key it is signed with (kid).',
};

/** Internal apps that bring a JWT of the company's identity provider. */
@Injectable()
export class JwtCallers {
  private readonly provider: Settings['access']['jwt'];
  private readonly keys?: ProviderKeys;

  constructor(settings: Settings, logger: Logger) {
    this.provider = settings.access.jwt;
    if (this.provider) this.keys = new ProviderKeys(this.provider.jwksUrl, logger);
  }

  /**
   * @returns undefined for what is no JWT.
   * @throws Failure UNAUTHENTICATED with the reason, IDENTITY_PROVIDER_UNAVAILABLE where there are no keys to check with.
   */
  async find(token: string): Promise<AppCaller | undefined> {
    const { keys, provider } = this;
    if (!FORM.test(token)) return undefined;
    if (!keys || !provider)
      throw Failure.unauthenticated('This is no key, and JWTs are not taken: no provider is set.');
    const { issuer, audience } = provider;
    try {
      const { payload } = await jwtVerify(token, keys.get, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_S,
        requiredClaims: ['exp'],
      });
      return toCaller(payload);
    } catch (error) {
      throw toFailure(error);
    }
  }
}

function toFailure(error: unknown): unknown {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return Failure.unauthenticated(CLAIMS[error.claim] ?? 'A claim of the JWT is not right.');
  }
  if (!(error instanceof errors.JOSEError)) return error;
  return Failure.unauthenticated(REASONS[error.code] ?? 'The JWT cannot be read.');
}

const words = (claim: unknown): unknown[] => (typeof claim === 'string' ? claim.split(' ') : [claim].flat());

const isName = (claim: unknown): claim is string =>
  typeof claim === 'string' && claim.length > 0 && claim.length <= MAX_NAME && isPlainText(claim);

/** Who it is: the client, where the provider names it, else the subject; a token that names nobody is the provider's own. */
function toCaller({ client_id, azp, sub, iss, scope, scp }: JWTPayload): AppCaller {
  const name = [client_id, azp, sub, iss].find(isName) ?? 'unnamed';
  const scopes = [...words(scope), ...words(scp)].filter((word) => typeof word === 'string').filter(isScope);
  return { kind: 'app', id: `jwt:${name}`, scopes: new Set(scopes) };
}
