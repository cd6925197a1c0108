import { Injectable } from '@nestjs/common';
import { Settings } from '#config';

/** The session cookie, as the browser holds it. */
@Injectable()
export class SessionCookie {
  private readonly name: string;
  private readonly attributes: string;

  constructor(settings: Settings) {
    // Browsers take a Secure cookie on https and on loopback; curl and the like only on https.
    const secure = settings.listen.publicUrl.startsWith('https:');
    this.name = secure ? '__Host-Http-session' : 'session';
    this.attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  }

  read(header: string | undefined): string | undefined {
    const pair = header?.split(';').find((part) => part.trim().startsWith(`${this.name}=`));
    return pair?.trim().slice(this.name.length + 1) || undefined;
  }

  set(id: string, lifeS: number): string {
    return `${this.name}=${id}; Max-Age=${lifeS}; ${this.attributes}`;
  }

  clear(): string {
    return `${this.name}=; Max-Age=0; ${this.attributes}`;
  }
}
