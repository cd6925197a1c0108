import { Injectable } from '@nestjs/common';
import { Sessions } from '#access';
import { Settings } from '#config';
import { EmployeeService, UserService } from '#contact';
import { Failure, type PersonCaller } from '#contract';
import { UserTokens } from '#dingtalk';

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
  async signIn(authCode: string): Promise<OpenedSession> {
    const session = this.sessions.create();
    const { corpId: ours } = this.settings.dingtalk;
    try {
      const { corpId } = await this.userTokens.begin(session.key, authCode);
      if (corpId && corpId !== ours) throw new Failure('FORBIDDEN', 'This sign-in is for another organisation.');
      const { unionId } = await this.users.me({ sessionKey: session.key });
      const { userId, name, admin } = await this.employees.member(unionId);
      const { personScopes, adminScopes } = this.settings.access;
      const scopes = admin ? [...new Set([...personScopes, ...adminScopes])] : personScopes;
      return {
        id: session.id,
        person: await this.sessions.open(session, { userId, unionId, name, corpId: ours, scopes }),
      };
    } catch (error) {
      await this.userTokens.end(session.key);
      throw error;
    }
  }

  async signOut({ sessionKey }: PersonCaller): Promise<void> {
    await this.sessions.end(sessionKey);
    await this.userTokens.end(sessionKey);
  }
}
