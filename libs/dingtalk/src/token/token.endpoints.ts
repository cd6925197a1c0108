import type { Reading } from '../reading.js';
import { endpoint } from '../endpoint.js';

const DEFAULT_LIFE_S = 7200;
const MIN_LIFE_S = 60;
const MAX_LIFE_S = 24 * 3600;

/** Seconds that a token lives. Zero, less, none or nonsense means the documented two hours: never a loop of fetches. */
function lifeOf(answer: Reading): number {
  let told = NaN;
  try {
    told = answer.whole('expireIn') ?? NaN;
  } catch {
    // Not a number at all: as good as missing.
  }
  return told > 0 ? Math.min(Math.max(told, MIN_LIFE_S), MAX_LIFE_S) : DEFAULT_LIFE_S;
}

export interface AppTokenGrant {
  readonly token: string;
  readonly lifeS: number;
}

/** Document: obtain-the-access-token-of-an-internal-app. Asking again within its life answers the same token. */
export const fetchAppToken = endpoint({
  name: 'token.app',
  api: 'v1',
  route: 'POST /v1.0/oauth2/accessToken',
  bearer: 'none',
  effect: 'read',
  write: ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) => ({
    body: { appKey: clientId, appSecret: clientSecret },
  }),
  read: (answer): AppTokenGrant => ({ token: answer.must('text', 'accessToken'), lifeS: lifeOf(answer) }),
});

export interface UserTokenGrant {
  readonly accessToken: string;
  /** Good once: using it makes another. */
  readonly refreshToken: string;
  readonly lifeS: number;
  readonly corpId: string | null;
}

type UserTokenRequest = { clientId: string; clientSecret: string } & ({ code: string } | { refreshToken: string });

/** Document: obtain-user-token. For a person's auth code, or for the refresh token of the grant before. */
export const fetchUserToken = endpoint({
  name: 'token.user',
  api: 'v1',
  route: 'POST /v1.0/oauth2/userAccessToken',
  bearer: 'none',
  effect: 'read',
  write: (request: UserTokenRequest) => ({
    body: { ...request, grantType: 'code' in request ? 'authorization_code' : 'refresh_token' },
  }),
  read: (answer): UserTokenGrant => ({
    accessToken: answer.must('text', 'accessToken'),
    refreshToken: answer.must('text', 'refreshToken'),
    lifeS: lifeOf(answer),
    corpId: answer.text('corpId'),
  }),
});
