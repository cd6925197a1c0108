import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '#contract';
import { bearer } from './harness/client.js';
import { DOORS, statusAt } from './harness/doors.js';
import { KEY, TestWorld } from './harness/world.js';

const OWN = 'k93LmWqxRtpb7Slisi';
const EVERYTHING = SCOPES.join(' ');

describe.each(['third-party-enterprise', 'third-party-personal'])('a gateway with a %s app', (appType) => {
  let world: TestWorld;

  beforeAll(async () => {
    world = await TestWorld.start({ DINGTALK_APP_TYPE: appType, PERSON_SCOPES: EVERYTHING });
  });
  afterAll(() => world.stop());
  afterEach(() => world.reset());

  const signIn = () => world.client.signIn(world.authCode('lisi'));

  it('signs a person in without the app’s token, by the organisation that DingTalk names', async () => {
    const person = await signIn();
    expect((await world.client.rest('GET', '/session', person)).body.session).toMatchObject({
      userId: null,
      unionId: OWN,
      name: '李四',
      corpId: 'dingsandbox8f3a51c2',
    });
    const paths = new Set(world.sandbox.journal.all().map(({ path }) => path));
    expect(paths).toEqual(new Set(['/v1.0/oauth2/userAccessToken', '/v1.0/contact/users/me']));
  });

  it('refuses whoever is of another organisation, or of none that DingTalk names', async () => {
    for (const corpId of ['dingelsewhere', undefined]) {
      const body = { accessToken: 'a-token-of-elsewhere', refreshToken: 'r', expireIn: 7200, corpId };
      world.sandbox.levers.add({ kind: 'answer', route: 'POST /v1.0/oauth2/userAccessToken', body, times: 1 });
      const answer = await world.client.rest('POST', '/session', {}, { authCode: 'x' });
      expect(answer.body).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
    const stranger = { authCode: world.authCode('strangerPq8Xw2NvRiEiE') };
    expect((await world.client.rest('POST', '/session', {}, stranger)).status).toBe(403);
  });

  it('shows the own profile through both doors, after a refresh too', async () => {
    const person = await signIn();
    for (const path of ['/v1/users/me', `/v1/users/${OWN}`]) {
      expect((await world.client.rest('GET', path, person)).body.user).toMatchObject({ mobile: '13800002468' });
    }
    world.sandbox.desk.tokens.revoke('user');
    const { body } = await world.client.graphql(person, '{ me { unionId mobile } }');
    expect(body).toEqual({ data: { me: { unionId: OWN, mobile: '13800002468' } } });
  });

  // What the gateway itself remembers is told all the same.
  const OWN_DOORS = /me$|session$|audit|Grants|GET .*visibility/;
  const REST_OF_IT = DOORS.filter(({ name }) => !OWN_DOORS.test(name)).map((door) => [door.name, door] as const);

  it.each(REST_OF_IT)('refuses %s before any call, to people and to apps', async (_, door) => {
    const person = await signIn();
    world.sandbox.journal.clear();
    for (const headers of door.people ? [person] : [person, bearer(KEY)]) {
      const told = await door.call(world.client, headers);
      expect(told).toMatchObject({ status: statusAt(door, 502), code: 'DINGTALK_NOT_PERMITTED' });
    }
    expect(world.sandbox.journal.all()).toEqual([]);
    expect(world.capture.logs.some((line) => line.includes('DINGTALK_APP_TYPE'))).toBe(true);
  });

  it('refuses a sign-in from inside DingTalk before any call', async () => {
    const answer = await world.client.rest('POST', '/session', {}, { authCode: 'x', via: 'in-app' });
    expect(answer.body).toMatchObject({ status: 502, code: 'DINGTALK_NOT_PERMITTED' });
    expect(world.sandbox.journal.all()).toEqual([]);
  });

  it('is ready without any token', async () => {
    expect(await world.client.raw('/health/ready')).toMatchObject({ status: 200, text: 'ready' });
    expect(world.sandbox.journal.all()).toEqual([]);
  });
});
