import type { PersonCaller, Soon } from '#contract';

/** Whether a signed-in person may still come in. Whoever can ask DingTalk answers it. */
export abstract class Standings {
  /**
   * @returns the person, with their rights as they are now.
   * @throws Failure UNAUTHENTICATED for whoever belongs to the organisation no more: their session is ended.
   */
  abstract confirm(person: PersonCaller): Soon<PersonCaller>;
}
