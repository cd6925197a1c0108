import { randomBytes, randomUUID } from 'node:crypto';
import type { Reply } from './call.js';

export const v1Ok = (body: object): Reply => ({ status: 200, body });

export const v1Error = (status: number, code: string, message: string, more: object = {}): Reply => ({
  status,
  body: { requestid: randomUUID().toUpperCase(), code, message, ...more },
});

const requestId = (): string => randomBytes(6).toString('hex');

export const oapiOk = (result?: unknown): Reply => ({
  status: 200,
  body: { errcode: 0, errmsg: 'ok', ...(result !== undefined && { result }), request_id: requestId() },
});

/** A refusal by the business behind the API: told bare. */
export const oapiError = (errcode: number, errmsg: string): Reply => ({
  status: 200,
  body: { errcode, errmsg, request_id: requestId() },
});

/** A refusal by the API gateway: wrapped in 88, what it is stands in `sub_code`, a string. */
export const oapiWrapped = (code: number | string, message: string): Reply => ({
  status: 200,
  body: {
    errcode: 88,
    sub_code: String(code),
    sub_msg: message,
    errmsg: `ding talk error[subcode=${code},submsg=${message}]`,
    request_id: requestId(),
  },
});
