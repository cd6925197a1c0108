import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, shown } from '../harness/browser.js';
import { freePort } from '../harness/processes.js';
import { TestWorld } from '../harness/world.js';

const FIND = 'name or userId';

let world: TestWorld;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let origin: string;

/** Every address that the browser asked for, and every body that it was given. */
const asked: string[] = [];

/** DingTalk's page is on another site than the gateway, as it is in life: 127.0.0.1 is not localhost. */
async function startGateway(scheme: 'http' | 'https'): Promise<void> {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  await world.restartGateway({
    PORT: String(port),
    PUBLIC_URL: origin.replace('http', scheme),
    DINGTALK_LOGIN_URL: world.sandbox.url.replace('localhost', '127.0.0.1'),
  });
}

beforeAll(async () => {
  world = await TestWorld.start();
  browser = await launch();
  await startGateway('http');
}, 60_000);
afterAll(async () => {
  await browser.close();
  await world.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  page.on('request', (request) => asked.push(request.url()));
  page.on('response', (response) => {
    if (!response.url().startsWith(origin)) return;
    // Bodies of redirects and of pages that are left cannot be had.
    void response.text().then(
      (text) => world.capture.answers.push(text),
      () => undefined,
    );
  });
});
afterEach(async () => {
  await context.close();
  world.sandbox.reset();
});

/** Through DingTalk's page, as a person does it. */
async function signIn(returnTo = '/docs', who = '李四'): Promise<void> {
  await page.goto(`${origin}/session/login?returnTo=${encodeURIComponent(returnTo)}`);
  await page.getByPlaceholder(FIND).fill(who);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: who }).click();
}

/** What a front end does: a call with the cookie that it cannot see. */
const call = (path: string, init: { method?: string; body?: string } = {}) =>
  page.evaluate(
    async ([to, how]) => {
      const headers = { 'x-csrf': '1', 'content-type': 'application/json' };
      const answer = await fetch(to, { ...how, headers });
      const text = await answer.text();
      return { status: answer.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : undefined };
    },
    [path, init] as const,
  );

const me = () => call('/graphql', { method: 'POST', body: JSON.stringify({ query: '{ me { nick mobile } }' }) });

async function sessionCookie() {
  const cookie = (await context.cookies()).find(({ name }) => name.includes('session'));
  if (cookie) world.client.secrets.add(cookie.value);
  return cookie;
}

describe('a person in a browser', () => {
  it('signs in through DingTalk’s page, is who they are, signs out, and the back button brings nothing back', async () => {
    await signIn('/docs');
    await page.waitForURL(`${origin}/docs`);
    await page.locator('.opblock').first().waitFor();
    expect(await me()).toEqual({ status: 200, body: { data: { me: { nick: '李四', mobile: '13800002468' } } } });
    expect(await call('/session', { method: 'DELETE' })).toEqual({ status: 204, body: undefined });
    expect(await sessionCookie()).toBeUndefined();
    expect((await me()).status).toBe(401);
    await page.goBack();
    await page.waitForLoadState();
    expect(page.url()).not.toContain('/session/callback');
    await page.goto(`${origin}/docs`);
    expect((await me()).status).toBe(401);
  }, 60_000);

  it('has a cookie that no script sees, for this host alone, that no other site can send', async () => {
    await signIn();
    await page.waitForURL(`${origin}/docs`);
    const cookie = await sessionCookie();
    expect(cookie).toMatchObject({
      ...{ name: 'session', domain: 'localhost', path: '/', httpOnly: true, sameSite: 'Strict' },
      value: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect((await context.cookies()).map(({ name }) => name)).toEqual(['session']);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    // From DingTalk's site, the browser sends the cookie with nothing at all.
    await page.goto(`${world.sandbox.url.replace('localhost', '127.0.0.1')}/`);
    const [request] = await Promise.all([
      page.waitForRequest((one) => one.url() === `${origin}/v1/users/me`),
      page.evaluate((to) => (location.href = to), `${origin}/v1/users/me`),
    ]);
    expect((await request.allHeaders())['cookie']).toBeUndefined();
  }, 60_000);

  it('gets a new session id at each sign-in', async () => {
    await signIn();
    await page.waitForURL(`${origin}/docs`);
    const first = (await sessionCookie())?.value;
    await signIn('/docs', '张三');
    await page.waitForURL(`${origin}/docs`);
    const second = (await sessionCookie())?.value;
    expect(second).not.toBe(first);
    expect((await me()).body).toMatchObject({ data: { me: { nick: '张三' } } });
  }, 60_000);

  it('who looks again at the address of the way back is told to begin anew, and stays signed in', async () => {
    const [back] = await Promise.all([page.waitForRequest((one) => one.url().includes('/session/callback')), signIn()]);
    await page.waitForURL(`${origin}/docs`);
    const again = await page.goto(back.url());
    expect(again?.status()).toBe(403);
    await shown(page, '无法完成登录');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByPlaceholder(FIND).waitFor();
    await page.goto(`${origin}/docs`);
    expect((await me()).status).toBe(200);
  }, 60_000);

  it('cannot be signed in by an address that somebody else sends them', async () => {
    const own = await browser.newContext();
    const attacker = await own.newPage();
    await attacker.goto(`${origin}/session/login`);
    const state = new URL(attacker.url()).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ state, authCode: world.authCode('102530009661373952') });
    await page.goto(`${origin}/session/login`);
    const answer = await page.goto(`${origin}/session/callback?${query}`);
    expect(answer?.status()).toBe(403);
    expect(await sessionCookie()).toBeUndefined();
    await own.close();
  }, 60_000);

  it.each(['//evil.example', '/\\evil.example', '/%5Cevil.example', '/.//evil.example'])(
    'is never led elsewhere by returnTo=%s',
    async (returnTo) => {
      for (const written of [returnTo, encodeURIComponent(returnTo)]) {
        const answer = await page.goto(`${origin}/session/login?returnTo=${written}`);
        expect(answer?.status()).toBe(400);
        expect(new URL(page.url()).origin).toBe(origin);
        await shown(page, 'must be a path of this site');
      }
    },
    60_000,
  );

  it('who does not belong to the organisation, or refuses, reads why and has no session', async () => {
    await signIn('/docs', '路人甲');
    await shown(page, 'This sign-in cannot be completed');
    await shown(page, 'not an employee of the organisation');
    expect(await sessionCookie()).toBeUndefined();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('link', { name: 'Refuse' }).click();
    await shown(page, 'The sign-in was not completed');
    expect(await sessionCookie()).toBeUndefined();
  }, 60_000);

  it('meets the prefixed, secure cookies where the gateway is https', async () => {
    await startGateway('https');
    const secure = origin.replace('http', 'https');
    // Here nobody speaks TLS for the gateway: the browser takes the way back over plain loopback, which it holds for as safe.
    await page.route(`${secure}/**`, (route) => route.abort());
    await signIn().catch(() => undefined);
    const back = asked.findLast((url) => url.startsWith(`${secure}/session/callback`)) ?? '';
    await page.goto(back.replace(secure, origin));
    await page.waitForURL(`${origin}/docs`);
    expect(await context.cookies()).toEqual([
      expect.objectContaining({
        ...{ name: '__Host-Http-session', domain: 'localhost', path: '/' },
        ...{ httpOnly: true, secure: true, sameSite: 'Strict' },
      }),
    ]);
    expect((await me()).status).toBe(200);
    await startGateway('http');
  }, 60_000);

  it('is asked for no address that holds a session, a token or a key', () => {
    const secrets = world.secrets().filter((secret) => secret !== 'dingsandboxclientid01');
    const ours = asked.filter((url) => !url.includes('/session/callback'));
    expect(asked.length).toBeGreaterThan(20);
    expect(secrets.filter((secret) => ours.some((url) => url.includes(secret)))).toEqual([]);
  });
});
