import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sandbox, type SandboxOptions } from '../../apps/dingtalk-sandbox/src/sandbox.js';
import { Capture } from './capture.js';
import { Client } from './client.js';
import { Program, freePort } from './processes.js';
import { type Environment, environmentFor } from './world.js';

const MAIN = 'dist/apps/gateway/src/main.js';

/** One replica: a process as it runs in production. */
export interface Replica {
  readonly program: Program;
  readonly client: Client;
  readonly url: string;
  readonly port: number;
}

interface FleetOptions extends SandboxOptions {
  readonly replicas?: number;
  readonly environment?: Environment;
}

/** A sandbox, and replicas of the gateway against it, each a process of its own. */
export class Fleet {
  readonly capture = new Capture();
  readonly sandbox: Sandbox;
  readonly replicas: Replica[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  private readonly shown = new Set<string>();

  private constructor(private readonly options: FleetOptions) {
    this.sandbox = new Sandbox({ people: 60, ...options });
  }

  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.sandbox.start();
    await Promise.all(Array.from({ length: options.replicas ?? 2 }, () => fleet.add()));
    return fleet;
  }

  async add(environment: Environment = {}): Promise<Replica> {
    const replica = await this.launch(await freePort(), environment);
    this.replicas.push(replica);
    return replica;
  }

  /** Starts another process on the port of one that has ended. */
  async replace(old: Replica): Promise<Replica> {
    const replica = await this.launch(old.port, {});
    this.replicas[this.replicas.indexOf(old)] = replica;
    return replica;
  }

  authCode(userId: string): string {
    const { world, tokens } = this.sandbox.desk;
    return tokens.authCode(world.byUserId(userId)?.unionId ?? '');
  }

  /** How often the token of the app was fetched. */
  tokenFetches(): number {
    return this.sandbox.quota.told()['POST /v1.0/oauth2/accessToken']?.calls ?? 0;
  }

  async stop(): Promise<void> {
    await Promise.all(this.replicas.map(({ program }) => program.stop('SIGKILL')));
    await this.sandbox.stop();
    rmSync(this.folder, { recursive: true, force: true });
    for (const { program } of this.replicas) this.capture.logs.push(program.stdout, program.stderr);
    const leaks = this.capture.leaks([...this.sandbox.desk.tokens.secrets(), ...this.shown]);
    if (leaks.length > 0) throw new Error(`secrets were said:\n${leaks.join('\n')}`);
  }

  /** A process that may not come to listen. */
  attempt(port: number, environment: Environment = {}): Program {
    return Program.node([MAIN], {
      ...environmentFor(this.sandbox, this.folder),
      ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'info' },
      ...this.options.environment,
      ...environment,
    });
  }

  private async launch(port: number, environment: Environment): Promise<Replica> {
    const program = this.attempt(port, environment);
    await program.says('"listening"');
    const url = `http://127.0.0.1:${port}`;
    return { program, port, url, client: new Client(url, this.capture, this.shown) };
  }
}
