import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launch, shown } from '../harness/browser.js';
import { KEY, TestWorld } from '../harness/world.js';

let world: TestWorld;
let browser: Browser;

beforeAll(async () => {
  world = await TestWorld.start();
  browser = await launch();
}, 60_000);
afterAll(async () => {
  await browser.close();
  await world.stop();
});

/** A page, with what it asked for and what went wrong on it. */
async function open(url: string) {
  const page = await browser.newPage();
  const asked: string[] = [];
  const faults: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(url);
  const elsewhere = () => asked.filter((one) => /^https?:/.test(one) && new URL(one).origin !== new URL(url).origin);
  return { page, faults, elsewhere };
}

describe('the explorer', () => {
  it('loads nothing from elsewhere and runs a query with a key', async () => {
    const { page, faults, elsewhere } = await open(`${world.client.url}/graphql`);
    const headers = page.locator('.monaco-editor[data-uri$="request-headers.json"]');
    await headers.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    // The editor closes quotes and brackets by itself.
    await page.keyboard.type(`{"Authorization": "Bearer ${KEY}`);
    await page.getByRole('button', { name: /execute query/i }).click();
    await shown(page, '星河科技有限公司');
    expect(elsewhere()).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  }, 60_000);
});

describe('the API page', () => {
  it('loads nothing from elsewhere and shows every call', async () => {
    const { page, faults, elsewhere } = await open(`${world.client.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.opblock').count()).toBe(27);
    await page.locator('#operations-departments-updateDepartment').click();
    await shown(page, 'REJECTED');
    expect(elsewhere()).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  }, 60_000);
});

describe('the sandbox’s pages', () => {
  it('show the calls received and switch a fault on', async () => {
    await world.client.rest('GET', '/v1/departments/1', { authorization: `Bearer ${KEY}` });
    const { page, faults } = await open(world.sandbox.url);
    await page.locator('#calls').getByText('POST /topapi/v2/department/get').first().waitFor();
    await page.getByLabel('fault').selectOption('busy');
    await page.getByLabel('route').selectOption('POST /topapi/v2/department/get');
    await page.getByRole('button', { name: 'Switch on' }).click();
    await shown(page, 'busy on POST /topapi/v2/department/get');
    const answer = await world.client.rest('GET', '/v1/departments/1', { authorization: `Bearer ${KEY}` });
    expect(answer.body).toMatchObject({ code: 'DINGTALK_UNAVAILABLE' });
    await page.getByRole('button', { name: 'Switch all off' }).click();
    await shown(page, 'none');
    expect(faults).toEqual([]);
    await page.close();
  }, 60_000);

  it('let a person sign in: choosing one goes back with a code that opens a session', async () => {
    const query = new URLSearchParams({
      client_id: 'dingsandboxclientid01',
      response_type: 'code',
      scope: 'openid corpid',
      redirect_uri: `${world.client.url}/health/live`,
      state: 'a state',
      prompt: 'consent',
    });
    const { page } = await open(`${world.sandbox.url}/oauth2/auth?${query}`);
    await page.getByPlaceholder('name or userId').fill('lisi');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('李四').click();
    await page.waitForURL(/authCode=/);
    const back = new URL(page.url()).searchParams;
    expect(back.get('state')).toBe('a state');
    expect(back.get('code')).toBe(back.get('authCode'));
    const person = await world.client.signIn(back.get('authCode') ?? '');
    expect((await world.client.rest('GET', '/session', person)).body.session.name).toBe('李四');
    await page.close();
  }, 60_000);
});
