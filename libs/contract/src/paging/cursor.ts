import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../failures.js';

/** Where to go on in a list of DingTalk's: whole numbers only, which say nothing by themselves. */
export type Position = readonly number[];

const SIGN_BYTES = 12;

function sign(list: string, body: Buffer, key: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([list, body.toString('latin1')]))
    .digest()
    .subarray(0, SIGN_BYTES);
}

/** A cursor is good for the one list that it was made of, and for nothing that somebody made up. */
export function toCursor(list: string, position: Position, key: string): string {
  const body = Buffer.from(position.join('.'));
  return Buffer.concat([sign(list, body, key), body]).toString('base64url');
}

/** @throws Failure BAD_INPUT at that field for what is no cursor of this list. */
export function fromCursor(list: string, cursor: string, key: string, field: string): Position {
  const bytes = Buffer.from(cursor, 'base64url');
  const [signature, body] = [bytes.subarray(0, SIGN_BYTES), bytes.subarray(SIGN_BYTES)];
  const isOurs = signature.length === SIGN_BYTES && timingSafeEqual(signature, sign(list, body, key));
  // Base64 has several spellings of the same bytes.
  if (!isOurs || bytes.toString('base64url') !== cursor) throw Failure.badInput(field, 'is not a cursor of this list');
  return body.toString().split('.').map(Number);
}
