import { type DestinationStream, pino } from 'pino';

/** Lines are written together: so many characters of them, or what there is after a moment. */
const GATHERED = 16 * 1024;
const FLUSH_MS = 50;
/** Where nobody reads them lines are given up rather than memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Gathers lines for standard output. Pino's own way to it would measure all that is gathered anew with each line. */
class StandardOutput implements DestinationStream {
  private readonly out;
  private gathered = '';
  private waiting?: NodeJS.Timeout;

  constructor() {
    // Ahead of pino's own listener, which then writes what it holds before the process ends; nothing is begun any more.
    process.once('exit', () => {
      Object.assign(this.out, { minLength: Infinity });
      this.flush();
    });
    this.out = pino.destination({ sync: false, minLength: 0, maxLength: MAX_BYTES });
  }

  write(line: string): void {
    this.gathered += line;
    if (this.gathered.length >= GATHERED) this.flush();
    else this.waiting ??= setTimeout(this.flush, FLUSH_MS).unref();
  }

  /** Trouble is told at once. */
  readonly flush = (): void => {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    const text = this.gathered;
    this.gathered = '';
    if (text !== '') this.out.write(text);
  };
}

let shared: StandardOutput | undefined;

/** One for the process. */
export const standardOutput = (): StandardOutput => (shared ??= new StandardOutput());
