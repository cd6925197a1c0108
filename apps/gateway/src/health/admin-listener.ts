import { type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from '#config';
import { isReady } from './checks.js';
import type { Told } from './told.js';

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const LONGEST_REQUEST_MS = 10_000;
const NOT_FOUND: Page = { status: 404, type: 'text/plain; charset=utf-8', text: 'There are /metrics and /health.\n' };

/** What operators see, on an address of its own: `GET /metrics` for Prometheus, and `GET /health` with the reasons. */
export class AdminListener {
  private readonly server: Server;
  private readonly startedMs = Date.now();

  constructor(private readonly told: Told) {
    this.server = createServer({ requestTimeout: LONGEST_REQUEST_MS }, (request, response) => {
      const path = request.method === 'GET' ? request.url?.split('?')[0] : undefined;
      this.pageAt(path).then(
        (page) => send(response, page),
        () => response.destroy(),
      );
    });
  }

  listen(port: number, host: string): Promise<void> {
    return new Promise((listening, failed) => {
      this.server.once('error', failed).listen(port, host, listening);
    });
  }

  get url(): string {
    const { address, port, family } = this.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async pageAt(path: string | undefined): Promise<Page> {
    if (path === '/metrics') return { status: 200, ...(await this.told.figures()) };
    if (path === '/health') return this.health();
    return NOT_FOUND;
  }

  private async health(): Promise<Page> {
    const checks = await this.told.checks();
    const ready = isReady(checks);
    const text = JSON.stringify({ ready, uptimeS: Math.round((Date.now() - this.startedMs) / 1000), checks }, null, 2);
    return { status: ready ? 200 : 503, type: 'application/json; charset=utf-8', text: `${text}\n` };
  }
}

/** @throws the error of the system; its message is to name ADMIN_HOST and ADMIN_PORT. */
export async function listenForOperators(
  told: Told,
  { port, host }: NonNullable<Settings['admin']>,
): Promise<AdminListener> {
  const listener = new AdminListener(told);
  await listener.listen(port, host).catch((error: Error) => {
    throw Object.assign(error, { prefix: 'ADMIN_' });
  });
  return listener;
}

function send(response: ServerResponse, { status, type, text }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
