import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Program, freePort } from './processes.js';

const SERVER = '/usr/bin/redis-server';
if (!existsSync(SERVER)) throw new Error(`there is no ${SERVER} (Debian: apt-get install redis-server)`);

/** A real Redis of the test's own, on a free port; it keeps nothing on disk. */
export class RedisServer {
  private program?: Program;
  private readonly folder = mkdtempSync(join(tmpdir(), 'redis-'));

  private constructor(
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.program?.pid ?? 0;
  }

  /** Empty, on the same port. */
  async start(): Promise<void> {
    this.program = new Program(SERVER, [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      ...['--dir', this.folder, '--enable-debug-command', 'yes', ...this.options],
    ]);
    await this.program.says('Ready to accept connections');
  }

  async kill(): Promise<void> {
    await this.program?.stop('SIGKILL');
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  async say(command: string, ...words: string[]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1');
    try {
      return await client.call(command, ...words);
    } finally {
      client.disconnect();
    }
  }

  async keys(): Promise<string[]> {
    return (await this.say('keys', '*')) as string[];
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Stands between the gateways and Redis, and is slow or cut as the test wants. */
export class SlowWay {
  delayMs = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly port: number) {
    this.server = createServer((inner) => this.join(inner));
  }

  static async to(port: number): Promise<SlowWay> {
    const way = new SlowWay(port);
    await new Promise<void>((done) => way.server.listen(0, '127.0.0.1', done));
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Every connection that there is. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }

  private join(inner: Socket): void {
    const outer = connect(this.port, '127.0.0.1');
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      this.sockets.add(from);
      const delay = () => (from === outer ? this.delayMs : 0);
      from.on('data', (chunk) => void setTimeout(() => to.writable && to.write(chunk), delay()));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
