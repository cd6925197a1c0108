import { hash, randomBytes } from 'node:crypto';

/** A new key of an internal app: 256 random bits behind a word that secret scanners can look for. */
export const createKey = (): string => `dcg_${randomBytes(32).toString('base64url')}`;

/** How a key stands in the apps file. */
export const hashKey = (key: string): string => `sha256:${digest(key)}`;

export const digest = (secret: string): string => hash('sha256', secret, 'hex');
