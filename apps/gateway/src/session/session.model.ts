import { Choice, Choices, Id, SCOPES, type Scope, Text, Via } from '#contract';

const SCOPE_WORDS = Object.fromEntries(SCOPES.map((scope) => [scope, scope]));

export class SignIn {
  @Text('The one-time code of DingTalk’s sign-in page, or of `requestAuthCode` inside DingTalk.', {
    min: 1,
    max: 512,
    example: 'a1b2c3',
  })
  authCode: string;

  @Choice('Where the code is from: the sign-in page, or inside DingTalk, which gives no token of the person’s own.', {
    optional: true,
    of: Via,
    example: 'login',
  })
  via?: Via;
}

/** A session, as its own person sees it. */
export class Session {
  @Id('user', 'The person inside the organisation; null with a third-party app, which cannot ask for it.', {
    nullable: true,
  })
  userId: string | null;

  @Id('union', 'The same person across the apps of one developer.')
  unionId: string;

  @Text('Name in the organisation.', { max: 256, example: '张三' })
  name: string;

  @Id('corp', 'The organisation.')
  corpId: string;

  @Choices('What the person may do here.', { of: SCOPE_WORDS, example: ['user:read'] })
  scopes: Scope[];

  @Text('When the session ends at the latest.', { max: 24, format: 'date-time', example: '2026-11-22T08:00:00.000Z' })
  expiresAt: string;
}
