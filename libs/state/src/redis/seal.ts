import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const keyFrom = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', 'state of the gateway', 32));

/** Encrypts what is kept elsewhere, bound to where it is kept: what was written by others, or stood elsewhere, opens as nothing. */
export class Seal {
  private readonly keys: readonly Buffer[];

  /** @param secrets the first seals; all of them open, so that one can be put in front of another. */
  constructor(secrets: readonly string[]) {
    this.keys = secrets.map(keyFrom);
  }

  close(text: string, place: string): string {
    const [key] = this.keys;
    if (!key) throw new Error('there is no secret to seal with');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
  }

  open(sealed: string, place: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    for (const key of this.keys) {
      const text = openWith(key, bytes, place);
      if (text !== undefined) return text;
    }
    return undefined;
  }
}

function openWith(key: Buffer, bytes: Buffer, place: string): string | undefined {
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
    return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
