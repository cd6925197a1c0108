import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours, as it runs for a user. */
export class Program {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], environment: Record<string, string | undefined> = {}) {
    const { PATH, HOME } = process.env;
    this.child = spawn(command, args, { env: { PATH, HOME, ...environment } });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((done) => {
      this.child.once('close', (code) => done({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Whatever it writes is gone with it, unless it is told where to. */
  static node(args: readonly string[], environment: Record<string, string | undefined> = {}): Program {
    const folder = join(tmpdir(), `data-${randomUUID()}`);
    const program = new Program(process.execPath, args, { DATA_DIR: folder, ...environment });
    void program.ended.then(() => rmSync(folder, { recursive: true, force: true }));
    return program;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Waits until the program has said that. */
  async says(text: string, withinMs = 30_000): Promise<void> {
    const endMs = Date.now() + withinMs;
    while (!this.stdout.includes(text)) {
      if (Date.now() > endMs || this.child.exitCode !== null) {
        throw new Error(`it never said ${text}:\n${this.stdout}\n${this.stderr}`);
      }
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }
}

export const shell = (command: string, cwd?: string): Promise<Ended> =>
  new Program('bash', ['-c', cwd ? `cd '${cwd}' && ${command}` : command]).ended;

/** In how many changes a gateway is killed: `npm run audit:crash` asks for 10,000. */
export const crashChanges = Number(process.env['CRASH_CHANGES'] ?? 300);

/** Below the ports that systems give to outgoing connections, of which one might be there first. */
const FIRST_PORT = 10_000;
const PORTS_OF_WORKER = 2000;
const WORKERS = 10;

const firstOfWorker = FIRST_PORT + PORTS_OF_WORKER * (Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS);
let next = randomInt(PORTS_OF_WORKER);

/** A port that nobody listens on, and that no other of Jest’s workers takes. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstOfWorker + (next % PORTS_OF_WORKER);
    next += 1;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, () => server.close(() => done(true)));
  });
}
