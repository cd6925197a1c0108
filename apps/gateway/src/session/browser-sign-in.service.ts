import { Injectable } from '@nestjs/common';
import { type AskingRequest, SignInLimits, SignInStates } from '#access';
import { Settings } from '#config';
import { Failure, Via } from '#contract';
import { ownPath } from './return-to.js';
import { SignInService } from './sign-in.service.js';

/** What DingTalk's page says on the way back; anybody can make a browser say it. */
export type PageAnswer = Readonly<Record<string, unknown>>;

export const MAX_CODE = 512;

const cookiesOf = ({ headers }: AskingRequest): string | undefined => headers['cookie'] as string | undefined;

/** The parameter is documented as `authCode`; DingTalk is known to send `code` as well or instead. */
function authCodeOf({ authCode, code, error }: PageAnswer): string {
  const found = [authCode, code].find((one) => typeof one === 'string' && one !== '' && one.length <= MAX_CODE);
  if (typeof found === 'string' && error === undefined) return found;
  throw Failure.unauthenticated('The sign-in was refused or cancelled on DingTalk’s page.');
}

/** Sign-in by DingTalk's page: out with a `state` that only this browser holds, and back with a one-time code. */
@Injectable()
export class BrowserSignInService {
  constructor(
    private readonly settings: Settings,
    private readonly states: SignInStates,
    private readonly limits: SignInLimits,
    private readonly signIns: SignInService,
  ) {}

  /** The address of DingTalk's page, and the cookie that binds the sign-in to this browser. */
  begin(request: AskingRequest, returnTo: string): { address: string; cookie: string } {
    const { state, cookie } = this.states.begin(cookiesOf(request), returnTo);
    return { address: this.pageFor(state), cookie };
  }

  /** Where to go on to after a sign-in that this very browser began, and the cookie without it. */
  resume(request: AskingRequest, { state }: PageAnswer): { returnTo: string; cookie: string } {
    const { returnTo, cookie } = this.states.resume(cookiesOf(request), state);
    // What the browser kept may have been written by others.
    return { returnTo: ownPath(returnTo) ?? '/', cookie };
  }

  /** @returns the id of the new session. */
  async finish(request: AskingRequest, answer: PageAnswer): Promise<string> {
    const signIn = () => this.signIns.signIn(authCodeOf(answer), Via.LOGIN);
    const { id } = await this.limits.attempt(request, () => this.states.once(String(answer['state']), signIn));
    return id;
  }

  private pageFor(state: string): string {
    const { loginUrl, clientId, corpId } = this.settings.dingtalk;
    const parameters = {
      redirect_uri: `${this.settings.listen.publicUrl}/session/callback`,
      response_type: 'code',
      client_id: clientId,
      scope: 'openid corpid',
      state,
      prompt: 'consent',
      corpId,
    };
    // DingTalk's page wants a space as %20, which URLSearchParams does not write.
    const written = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${loginUrl}/oauth2/auth?${written.join('&')}`;
  }
}
