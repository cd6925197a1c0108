import 'reflect-metadata';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hashKey } from '#access';
import { readSettings } from '#config';
import { SCOPES } from '#contract';
import { DingTalkClient } from '#dingtalk';
import { Logger } from '#telemetry';
import { SANDBOX_APP, Sandbox } from '../../apps/dingtalk-sandbox/src/sandbox.js';
import { createGateway } from '../../apps/gateway/src/bootstrap.js';
import { Capture } from './capture.js';
import { Client } from './client.js';

/** The key of an app that may do everything. */
export const KEY = 'key-of-an-app-that-may-do-everything';
/** Keys of apps that may do one thing each: `key-of-department:read-alone`. */
export const keyOf = (scope: string): string => `key-of-${scope.replace(' ', '+')}-alone`;
/** Doors that ask for two scopes are opened by an app with these two. */
const DIRECTORY = 'department:read employee:read';
export const KEYS = {
  disabled: 'key-of-a-disabled-app',
  expired: 'key-of-an-app-that-expired',
  second: 'the-other-key-of-the-app-that-may-do-everything',
  secondDisabled: 'the-other-key-of-a-disabled-app',
};

const APPS = [
  { id: 'everything', keyHashes: [hashKey(KEY), hashKey(KEYS.second)], scopes: SCOPES },
  {
    id: 'disabled',
    keyHashes: [hashKey(KEYS.disabled), hashKey(KEYS.secondDisabled)],
    scopes: SCOPES,
    disabled: true,
  },
  { id: 'expired', keyHash: hashKey(KEYS.expired), scopes: SCOPES, expiresAt: '2020-01-01T00:00:00Z' },
  ...[...SCOPES, DIRECTORY].map((scopes) => ({
    id: scopes.replace(/[: ]/g, '.'),
    keyHash: hashKey(keyOf(scopes)),
    scopes: scopes.split(' '),
  })),
];

/** What the gateway has learnt of DingTalk: what is throttled, banned or in trouble. */
interface Learnt {
  begin(): void;
}

export type Environment = Record<string, string | undefined>;

/** What a gateway is told to work against the sandbox; the apps file goes into the folder. */
export function environmentFor(sandbox: Sandbox, folder: string): Environment {
  const appsFile = join(folder, 'apps.json');
  writeFileSync(appsFile, JSON.stringify(APPS));
  return {
    DINGTALK_CLIENT_ID: SANDBOX_APP.clientId,
    DINGTALK_CLIENT_SECRET: SANDBOX_APP.clientSecret,
    DINGTALK_CORP_ID: SANDBOX_APP.corpId,
    DINGTALK_API_URL: sandbox.url,
    DINGTALK_OAPI_URL: sandbox.url,
    DINGTALK_LOGIN_URL: sandbox.url,
    INTERNAL_APPS_FILE: appsFile,
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'debug',
    // Tests ask faster than DingTalk allows; test/faults/quota.spec.ts is about that.
    DINGTALK_QPS: '1000000',
    // Gateway, sandbox and callers share two cores, or one process; test/faults/overload.spec.ts is about that.
    OVERLOAD_LAG_MS: '60000',
    // Tests ask faster than callers may; test/limits.spec.ts is about that.
    CALLER_RATE: 'off',
    // What is remembered hides the faults that tests switch on; test/remembering.spec.ts is about that.
    CACHE_TTL_S: '0',
  };
}

/** A sandbox and a gateway against it, on free ports, with everything that they say captured. */
export class TestWorld {
  readonly capture = new Capture();
  readonly sandbox = new Sandbox({ people: 60 });
  app: NestFastifyApplication;
  client: Client;
  private readonly folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  /** What callers of any of the gateways showed or were given. */
  private readonly shown = new Set<string>();

  static async start(environment: Environment = {}): Promise<TestWorld> {
    const world = new TestWorld();
    await world.sandbox.start();
    try {
      await world.startGateway(environment);
    } catch (error) {
      await world.sandbox.stop();
      throw error;
    }
    return world;
  }

  async startGateway(environment: Environment = {}): Promise<void> {
    const settings = readSettings({ ...environmentFor(this.sandbox, this.folder), ...environment });
    this.app = await createGateway(settings, new Logger(settings.logLevel, this.capture.destination));
    await this.app.listen(environment['PORT'] ?? 0, '127.0.0.1');
    this.client = new Client(await this.app.getUrl(), this.capture, this.shown);
  }

  /** A gateway that has just started: no token, no session. */
  async restartGateway(environment: Environment = {}): Promise<void> {
    await this.app.close();
    await this.startGateway(environment);
  }

  /** The company as at the start, no faults, and a gateway that has not met any: it keeps its token and its sessions. */
  reset(): void {
    this.sandbox.reset();
    const client: object = this.app.get(DingTalkClient);
    const { traffic } = client as { traffic: { apis: Learnt } };
    traffic.apis.begin();
  }

  /** A one-time code of the sign-in page for that person. */
  authCode(who: string, from: 'login' | 'in-app' = 'login'): string {
    const { world, tokens } = this.sandbox.desk;
    const person = world.byUserId(who) ?? world.byUnionId(who);
    if (!person) throw new Error(`nobody is ${who}`);
    return tokens.authCode(person.unionId, from);
  }

  /** The calls that the sandbox received, token fetches left out unless asked for by path. */
  calls(path?: string) {
    return this.sandbox.journal.all(path).filter((call) => path !== undefined || !call.path.includes('/oauth2/'));
  }

  /** Stops both and holds what was said against everything secret that was in play. */
  async stop(): Promise<void> {
    const secrets = this.secrets();
    const leaks = this.capture.leaks(secrets);
    await this.app.close();
    await this.sandbox.stop();
    const kept = this.keptText();
    for (const secret of [...secrets, ...this.personal()]) if (kept.includes(secret)) leaks.push(`database: ${secret}`);
    rmSync(this.folder, { recursive: true });
    if (leaks.length > 0) throw new Error(`secrets were said:\n${leaks.join('\n')}`);
  }

  /** Everything that the gateway has written to its folder, byte by byte. */
  keptText(): string {
    const data = join(this.folder, 'data');
    return existsSync(data)
      ? readdirSync(data)
          .map((file) => readFileSync(join(data, file), 'utf8'))
          .join('\n')
      : '';
  }

  /** How people are reached: nothing of it is to be kept. */
  private personal(): string[] {
    const { people } = this.sandbox.desk.world;
    return people.flatMap(({ mobile, email }) => [mobile, email].filter((text): text is string => Boolean(text)));
  }

  secrets(): string[] {
    const { clientId, clientSecret } = SANDBOX_APP;
    const keys = [KEY, ...Object.values(KEYS), ...[...SCOPES, DIRECTORY].map(keyOf)];
    const { tokens } = this.sandbox.desk;
    return [clientId, clientSecret, ...keys, ...tokens.secrets(), ...this.shown];
  }
}
