import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '#config';
import { type AppCaller, Failure } from '#contract';
import { type InternalApp, readApps } from './apps-file.js';
import { digest } from './keys.js';

/** Hashes are found by their first half and compared as a whole in constant time. */
const HINT_LENGTH = 32;

@Injectable()
export class InternalApps {
  private readonly byHint = new Map<string, [Buffer, InternalApp][]>();

  /** @throws WrongAppsFile */
  constructor(settings: Settings) {
    const { appsFile } = settings.access;
    for (const app of appsFile ? readApps(appsFile) : []) {
      for (const hash of app.keyDigests) this.add(hash, app);
    }
  }

  /** @throws Failure UNAUTHENTICATED */
  authenticate(key: string): AppCaller {
    const shown = digest(key);
    const candidates = this.byHint.get(shown.slice(0, HINT_LENGTH)) ?? [];
    const app = candidates.find(([hash]) => timingSafeEqual(hash, Buffer.from(shown)))?.[1];
    if (!app) throw new Failure('UNAUTHENTICATED', 'The key is not known.');
    if (app.disabled) throw new Failure('UNAUTHENTICATED', 'The app of this key is disabled.');
    if (app.expiresAtMs !== undefined && app.expiresAtMs <= Date.now()) {
      throw new Failure('UNAUTHENTICATED', 'The key has expired.');
    }
    return { kind: 'app', id: app.id, scopes: app.scopes };
  }

  private add(hash: string, app: InternalApp): void {
    const hint = hash.slice(0, HINT_LENGTH);
    this.byHint.set(hint, [...(this.byHint.get(hint) ?? []), [Buffer.from(hash), app]]);
  }
}
