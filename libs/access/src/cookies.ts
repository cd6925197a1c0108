import { Injectable } from '@nestjs/common';
import { Settings } from '#config';

/** A cookie that no script reads, as the browser holds it. */
abstract class Cookie {
  private readonly name: string;
  private readonly attributes: string;

  constructor({ listen }: Settings, name: string, sameSite: 'Strict' | 'Lax') {
    // Browsers take a Secure cookie on https and on loopback; curl and the like only on https.
    const secure = listen.publicUrl.startsWith('https:');
    this.name = secure ? `__Host-Http-${name}` : name;
    this.attributes = `Path=/; HttpOnly; SameSite=${sameSite}${secure ? '; Secure' : ''}`;
  }

  read(header: string | undefined): string | undefined {
    const pair = header?.split(';').find((part) => part.trim().startsWith(`${this.name}=`));
    return pair?.trim().slice(this.name.length + 1) || undefined;
  }

  set(value: string, lifeS: number): string {
    return `${this.name}=${value}; Max-Age=${lifeS}; ${this.attributes}`;
  }

  clear(): string {
    return this.set('', 0);
  }
}

/** Holds the session id. Strict: no other site can make a browser send it. */
@Injectable()
export class SessionCookie extends Cookie {
  private readonly lifeS: number;

  constructor(settings: Settings) {
    super(settings, 'session', 'Strict');
    this.lifeS = settings.session.maxS;
  }

  open(id: string): string {
    return this.set(id, this.lifeS);
  }
}

/** Binds a sign-in under way to its browser. Lax: it has to come along when DingTalk's page sends the browser back. */
@Injectable()
export class SignInCookie extends Cookie {
  constructor(settings: Settings) {
    super(settings, 'sign-in', 'Lax');
  }
}
