import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { Program, freePort } from './processes.js';
import type { Replica } from './fleet.js';

const HAPROXY = '/usr/sbin/haproxy';
if (!existsSync(HAPROXY)) throw new Error(`there is no ${HAPROXY} (Debian: apt-get install haproxy)`);

const accepts = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true))).on('error', () => done(false));
  });

/** haproxy with the configuration that the project ships. */
export class Balancer {
  private constructor(
    readonly url: string,
    private readonly program: Program,
  ) {}

  static async start([one, two]: readonly [Replica, Replica]): Promise<Balancer> {
    const port = await freePort();
    const program = new Program(HAPROXY, ['-db', '-f', 'deploy/haproxy/haproxy.cfg'], {
      GATEWAY_BIND: `127.0.0.1:${port}`,
      GATEWAY_ONE: `127.0.0.1:${one.port}`,
      GATEWAY_TWO: `127.0.0.1:${two.port}`,
    });
    const endMs = performance.now() + 10_000;
    while (!(await accepts(port))) {
      if (performance.now() > endMs) throw new Error(`haproxy does not start:\n${program.stderr}`);
      await new Promise((wait) => setTimeout(wait, 50));
    }
    return new Balancer(`http://127.0.0.1:${port}`, program);
  }

  async stop(): Promise<void> {
    await this.program.stop('SIGKILL');
  }
}
