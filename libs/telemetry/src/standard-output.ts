import { type DestinationStream, pino } from 'pino';

/**
 * Lines are written together: so many characters of them, or what there is after a moment. A pipe holds 64 KB, and a block of that
 * size would be cut in two wherever its reader is behind.
 */
const GATHERED = 16 * 1024;
const FLUSH_MS = 50;
/** Where nobody reads them lines are given up rather than memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What is being written when the process ends would be lost, or come last: so long it may take. */
const LAST_WORDS_MS = 250;

/** Gathers lines for standard output. Pino's own way to it would measure all that is gathered anew with each line. */
class StandardOutput implements DestinationStream {
  private readonly out;
  private gathered = '';
  private waiting?: NodeJS.Timeout;
  private isWriting = false;

  constructor() {
    // Ahead of pino's own listener, which then writes what it holds before the process ends.
    process.once('exit', this.end);
    this.out = pino.destination({ sync: false, minLength: 0, maxLength: MAX_BYTES });
    this.out.on('drain', () => (this.isWriting = false));
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
    if (text === '') return;
    this.isWriting = true;
    this.out.write(text);
  };

  /** Nothing is begun any more. Another thread writes, and this one can but wait. */
  private readonly end = (): void => {
    const wasWriting = this.isWriting;
    Object.assign(this.out, { minLength: Infinity });
    this.flush();
    if (wasWriting) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_MS);
  };
}

let shared: StandardOutput | undefined;

/** One for the process. */
export const standardOutput = (): StandardOutput => (shared ??= new StandardOutput());
