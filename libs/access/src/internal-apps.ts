import { timingSafeEqual } from 'node:crypto';
import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Settings } from '#config';
import { type AppCaller, Failure } from '#contract';
import { Logger } from '#telemetry';
import { type InternalApp, WrongAppsFile, readApps } from './apps-file.js';
import { digest } from './keys.js';

/** Hashes are found by their first half and compared as a whole in constant time. */
const HINT_LENGTH = 32;
/** How often the file is looked at. Looking works where a mounted file is swapped, which notices of change miss. */
const LOOK_MS = 500;

type ByHint = ReadonlyMap<string, readonly (readonly [Buffer, InternalApp])[]>;

/** The apps of `INTERNAL_APPS_FILE`, read again when it changes; a broken file keeps the last good one. */
@Injectable()
export class InternalApps implements OnModuleDestroy {
  private readonly file: string | undefined;
  private byHint: ByHint = new Map();

  /** @throws WrongAppsFile */
  constructor(
    settings: Settings,
    private readonly logger: Logger,
  ) {
    this.file = settings.access.appsFile;
    if (!this.file) return;
    // Before it is read: a change in between must not go unseen.
    watchFile(this.file, { interval: LOOK_MS, persistent: false }, this.readAgain);
    try {
      this.byHint = toMap(readApps(this.file));
    } catch (error) {
      this.onModuleDestroy();
      throw error;
    }
  }

  onModuleDestroy(): void {
    if (this.file) unwatchFile(this.file, this.readAgain);
  }

  /**
   * @returns undefined for a key that nobody has.
   * @throws Failure UNAUTHENTICATED for one that is shut.
   */
  find(key: string): AppCaller | undefined {
    const shown = digest(key);
    const candidates = this.byHint.get(shown.slice(0, HINT_LENGTH)) ?? [];
    const app = candidates.find(([hash]) => timingSafeEqual(hash, Buffer.from(shown)))?.[1];
    if (!app) return undefined;
    if (app.disabled) throw Failure.unauthenticated('The app of this key is disabled.');
    if (app.expiresAtMs !== undefined && app.expiresAtMs <= Date.now()) {
      throw Failure.unauthenticated('The key has expired.');
    }
    return { kind: 'app', id: app.id, scopes: app.scopes, rate: app.rate };
  }

  private readonly readAgain: StatsListener = () => {
    try {
      const apps = readApps(this.file ?? '');
      this.byHint = toMap(apps);
      this.logger.event('info', 'apps file read again', { apps: apps.length });
    } catch (error) {
      if (!(error instanceof WrongAppsFile)) throw error;
      this.logger.event('error', 'apps file is not right: the last good one stays in force', { faults: error.faults });
    }
  };
}

function toMap(apps: readonly InternalApp[]): ByHint {
  const byHint = new Map<string, (readonly [Buffer, InternalApp])[]>();
  for (const app of apps) {
    for (const hash of app.keyDigests) {
      const hint = hash.slice(0, HINT_LENGTH);
      byHint.set(hint, [...(byHint.get(hint) ?? []), [Buffer.from(hash), app]]);
    }
  }
  return byHint;
}
