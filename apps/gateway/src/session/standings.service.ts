import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Sessions, Standings } from '#access';
import { Settings } from '#config';
import { EmployeeService } from '#contact';
import { Failure, type PersonCaller, type Soon, Via, soon } from '#contract';
import { UserTokens } from '#dingtalk';
import { Locks } from '#state';

/** A session from inside DingTalk has no token whose refresh would be the time to ask: it is asked for as often. */
const ASK_AGAIN_MS = 2 * 3600_000;

const isStale = ({ confirmedAtMs }: PersonCaller): boolean => Date.now() - confirmedAtMs > ASK_AGAIN_MS;

/**
 * A session is good for as long as its person's token is; at each refresh of it the organisation is asked anew whether
 * the person belongs to it and is an administrator.
 */
@Injectable()
export class SessionStandings extends Standings implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly sessions: Sessions,
    private readonly userTokens: UserTokens,
    private readonly employees: EmployeeService,
    private readonly locks: Locks,
  ) {
    super();
  }

  onModuleInit(): void {
    this.userTokens.watch({
      refreshed: (sessionKey) => this.ask(sessionKey),
      died: (sessionKey) => this.sessions.end(sessionKey),
    });
  }

  override confirm(person: PersonCaller): Soon<PersonCaller> {
    const { via, sessionKey } = person;
    const renewed = via === Via.LOGIN ? this.userTokens.ensure(sessionKey) : this.askAgain(person);
    return soon(renewed, (isNew) => (isNew ? this.mustBeOpen(sessionKey) : person));
  }

  private async askAgain(person: PersonCaller): Promise<boolean> {
    if (!isStale(person)) return false;
    const { sessionKey } = person;
    await this.locks.hold(`standing:${sessionKey}`, async () => {
      if (isStale(await this.mustBeOpen(sessionKey))) await this.ask(sessionKey);
    });
    return true;
  }

  private async ask(sessionKey: string): Promise<void> {
    const { unionId } = await this.mustBeOpen(sessionKey);
    // A third-party app cannot ask.
    if (this.settings.dingtalk.thirdParty) return;
    try {
      const { name, admin } = await this.employees.member(unionId);
      await this.sessions.update(sessionKey, { name, admin });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'FORBIDDEN') throw error;
      await this.sessions.end(sessionKey);
      throw Failure.unauthenticated(
        'The session has ended: this person is not an employee of the organisation any more.',
      );
    }
  }

  private async mustBeOpen(sessionKey: string): Promise<PersonCaller> {
    const person = await this.sessions.get(sessionKey);
    if (!person) throw Failure.unauthenticated('The session has ended: sign in again.');
    return person;
  }
}
