import { type WriteStream, createWriteStream } from 'node:fs';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '#config';
import { Logger, Metrics } from '#telemetry';
import { Chain } from '../chain/chain.js';
import { toOcsf } from './ocsf.js';

/** Lines that wait for a file that does not take them. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/** After an error the file is opened anew, but not for every record. */
const SPACING_MS = 5000;

/** Tells every record to a second place as well, a line of JSON each: standard output, or a file that a collector reads. */
@Injectable()
export class Sink implements OnApplicationShutdown {
  private stream?: NodeJS.WritableStream & { readonly writableLength: number };
  private file?: WriteStream;
  private openedAtMs = -Infinity;
  private readonly lost;

  constructor(
    private readonly settings: Settings,
    private readonly logger: Logger,
    chain: Chain,
    metrics: Metrics,
  ) {
    this.lost = metrics.counter('gateway_audit_sink_lost_total', 'Records that AUDIT_SINK did not take', []);
    if (settings.audit.tells === undefined) return;
    this.open();
    chain.listen((links) => this.tell(links.map(({ record, hash }) => `${JSON.stringify(toOcsf(record, hash))}\n`)));
  }

  async onApplicationShutdown(): Promise<void> {
    const { file } = this;
    if (file && !file.destroyed) await new Promise<void>((ended) => file.end(ended));
  }

  private open(): void {
    const { tells } = this.settings.audit;
    if (tells === 'stdout') this.stream = process.stdout;
    if (typeof tells !== 'object' || performance.now() - this.openedAtMs < SPACING_MS) return;
    this.openedAtMs = performance.now();
    const file = createWriteStream(tells.file, { flags: 'a', mode: 0o600 });
    [this.file, this.stream] = [file, file];
    file.on('error', (error: NodeJS.ErrnoException) => {
      this.stream = undefined;
      this.logger.event('error', 'AUDIT_SINK fails: records are in the database only', { reason: error.code });
    });
  }

  /** The database is what counts: a line that is lost here is not lost there. */
  private tell(lines: readonly string[]): void {
    if (!this.stream) this.open();
    if (!this.stream || this.stream.writableLength > MOST_WAITING_BYTES) return this.lost.inc({}, lines.length);
    this.stream.write(lines.join(''));
  }
}
