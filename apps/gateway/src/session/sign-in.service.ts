import { Injectable } from '@nestjs/common';
import { Sessions, type SignedIn } from '#access';
import { Settings } from '#config';
import { EmployeeService, UserService } from '#contact';
import { Failure, type PersonCaller, Via } from '#contract';
import { UserTokens, notOffered } from '#dingtalk';

export interface OpenedSession {
  readonly id: string;
  readonly person: PersonCaller;
}

/** Turns DingTalk's one-time code into a session: only for employees of the organisation that the gateway serves. */
@Injectable()
export class SignInService {
  constructor(
    private readonly settings: Settings,
    private readonly sessions: Sessions,
    private readonly userTokens: UserTokens,
    private readonly users: UserService,
    private readonly employees: EmployeeService,
  ) {}

  /** @throws Failure UNAUTHENTICATED for a bad code, FORBIDDEN for a stranger. */
  async signIn(authCode: string, via: Via): Promise<OpenedSession> {
    const session = this.sessions.create();
    try {
      const signedIn = via === Via.IN_APP ? await this.inApp(authCode) : await this.byPage(session.key, authCode);
      const { person, ended } = await this.sessions.open(session, signedIn);
      await this.endTokens(ended);
      return { id: session.id, person };
    } catch (error) {
      await this.userTokens.end(session.key);
      throw error;
    }
  }

  async signOut({ sessionKey }: PersonCaller): Promise<void> {
    await this.sessions.end(sessionKey);
    await this.userTokens.end(sessionKey);
  }

  /** Ends all sessions of a person. */
  async signOutEverywhere(userId: string): Promise<void> {
    if (this.settings.dingtalk.thirdParty) throw notOffered();
    await this.endTokens(await this.sessions.endAllOf(userId));
  }

  private async byPage(sessionKey: string, authCode: string): Promise<SignedIn> {
    const { corpId: ours, thirdParty } = this.settings.dingtalk;
    const { corpId } = await this.userTokens.begin(sessionKey, authCode);
    // A third-party app cannot ask for the employee: there the organisation that DingTalk names is the only proof.
    const isOurs = corpId === ours || (corpId === null && !thirdParty);
    if (!isOurs) throw new Failure('FORBIDDEN', 'This sign-in is not for the organisation that the gateway serves.');
    const { unionId, nick } = await this.users.ownProfile({ sessionKey });
    const signedIn = { via: Via.LOGIN, unionId, corpId: ours };
    if (thirdParty) return { ...signedIn, userId: null, name: nick ?? '', admin: false };
    const { userId, name, admin } = await this.employees.member(unionId);
    return { ...signedIn, userId, name, admin };
  }

  private async inApp(authCode: string): Promise<SignedIn> {
    const { userId, unionId, name, admin } = await this.employees.memberInApp(authCode);
    return { via: Via.IN_APP, userId, unionId, name, corpId: this.settings.dingtalk.corpId, admin };
  }

  private async endTokens(sessionKeys: readonly string[]): Promise<void> {
    await Promise.all(sessionKeys.map((key) => this.userTokens.end(key)));
  }
}
