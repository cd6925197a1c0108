import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call, Controls, Desk } from './call.js';
import { control } from './control.js';
import { Journal } from './journal.js';
import { Levers } from './levers.js';
import { misbehave, send, throttled } from './misbehave.js';
import { signInPage } from './pages/sign-in.page.js';
import { Quota } from './quota.js';
import { readCall } from './read-call.js';
import { find, perform } from './router.js';
import { type Credentials, Tokens } from './world/tokens.js';
import { createCompany } from './world/company.js';
import { CORP_ID, type World } from './world/world.js';

export interface SandboxOptions {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Employees of the company. */
  readonly people?: number;
  /** Calls of one route that may come in any one second; without it any number may. */
  readonly qps?: number;
}

/** The app that the sandbox knows. Not secret: nothing real stands behind it. */
export const SANDBOX_APP: Credentials = {
  clientId: 'dingsandboxclientid01',
  clientSecret: 'sandbox-client-secret-that-opens-nothing-real',
  corpId: CORP_ID,
};

const DEFAULT_PEOPLE = 300;

/** A small DingTalk on this machine, with a company in it. */
export class Sandbox implements Controls {
  readonly journal = new Journal();
  readonly levers: Levers;
  readonly quota = new Quota();
  desk: Desk;
  /** Connections ever made: a caller that keeps them alive makes few. */
  connections = 0;
  private readonly server: Server;

  constructor(private readonly options: SandboxOptions = {}) {
    this.levers = new Levers(options.qps);
    this.desk = { world: this.newWorld(), tokens: new Tokens(SANDBOX_APP) };
    this.server = createServer((request, response) => {
      this.answer(request, response).catch(() => response.destroy());
    }).on('connection', () => (this.connections += 1));
  }

  async start(): Promise<this> {
    const { host = '127.0.0.1', port = 0 } = this.options;
    await new Promise<void>((listening, failed) => {
      this.server.once('error', failed).listen(port, host, listening);
    });
    return this;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  /** The company as at the start; calls and faults are forgotten, tokens stay good. */
  reset(): void {
    this.desk = { ...this.desk, world: this.newWorld() };
    this.journal.clear();
    this.quota.clear();
    this.levers.clear();
  }

  private newWorld(): World {
    return createCompany(this.options.people ?? DEFAULT_PEOPLE);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedMs = performance.now();
    response.setHeader('date', new Date(Date.now() + this.levers.settings.clockAheadS * 1000).toUTCString());
    const call = await readCall(request);
    if (call.path === '/' || call.path.startsWith('/__sandbox')) return send(response, control(call, this));
    if (call.path.startsWith('/oauth2/')) return send(response, signInPage(call, this.desk));
    await this.answerApi(call, response, arrivedMs);
  }

  private async answerApi(call: Call, response: ServerResponse, arrivedMs: number): Promise<void> {
    const { method, path, query, headers, text } = call;
    const entry = this.journal.add({
      at: new Date().toISOString(),
      ...{ method, path, headers, body: text, query: Object.fromEntries(query) },
    });
    response.once('close', () => {
      if (!response.writableFinished) entry.gone = true;
    });
    const route = find(call)?.route;
    const isV1 = path.startsWith('/v1.0');
    if (!this.quota.admit(`${method} ${route?.path ?? path}`, arrivedMs, this.levers.settings.qps)) {
      entry.fault = 'over the quota';
      return send(response, throttled(isV1));
    }
    const fault = this.levers.take(`${method} ${route?.path ?? path}`);
    const performs = !fault || fault.performed || fault.kind === 'latency' || fault.kind === 'drip';
    const reply = performs
      ? perform(call, this.desk, this.levers)
      : { status: 200, body: { errcode: 0, errmsg: 'ok' } };
    entry.status = reply.status;
    if (!fault) return send(response, reply);
    entry.fault = fault.kind;
    await misbehave(response, fault, isV1, reply);
  }
}
