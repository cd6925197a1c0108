import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Whether the gateway hung up. */
  readonly closed: boolean;
}

/** Longer than the gateway waits for anything. */
const PATIENCE_MS = 12_000;

/** Writes bytes to the gateway that no client of HTTP would write, and reads what comes back until it ends or is quiet. */
export function raw(url: string, ...parts: readonly (string | Buffer | number)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    let quiet: NodeJS.Timeout | undefined;
    const end = (closed: boolean) => {
      clearTimeout(quiet);
      socket.destroy();
      done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text, closed });
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(() => end(false), 300);
    });
    socket.once('error', () => end(true));
    socket.once('close', () => end(true));
    socket.once('connect', () => {
      void (async () => {
        for (const part of parts) {
          if (typeof part === 'number') await new Promise((wait) => setTimeout(wait, part));
          else if (socket.writable) socket.write(part);
        }
        quiet ??= setTimeout(() => end(false), PATIENCE_MS);
      })();
    });
  });
}
