import { type DestinationStream, pino } from 'pino';

/** Lines are written together: so many bytes of them, or what there is after a moment. */
const MIN_BYTES = 16 * 1024;
const FLUSH_MS = 50;
/** Where nobody reads them lines are given up rather than memory. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Standard output. Pino's own way to it would measure all that is gathered anew with each line. */
export class StandardOutput implements DestinationStream {
  private readonly out;
  private gathered = '';
  private waiting?: NodeJS.Timeout;

  constructor() {
    // Ahead of pino, which then writes out all it has: at the end of the process nothing is left.
    process.once('exit', () => this.hand());
    this.out = pino.destination({ sync: false, minLength: MIN_BYTES, maxWrite: 2 * MIN_BYTES, maxLength: MAX_BYTES });
  }

  write(line: string): void {
    this.gathered += line;
    if (this.gathered.length >= MIN_BYTES) this.hand();
    else this.waiting ??= setTimeout(this.flush, FLUSH_MS).unref();
  }

  /** Trouble is told at once. */
  readonly flush = (): void => {
    this.hand();
    this.out.flush();
  };

  private hand(): void {
    clearTimeout(this.waiting);
    this.waiting = undefined;
    if (this.gathered === '') return;
    this.out.write(this.gathered);
    this.gathered = '';
  }
}
