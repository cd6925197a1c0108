// What both parts of the bench need.
import { Pool } from 'undici';
import { freePort, keyOf, startGateway } from '../programs.mjs';

const SCOPES = ['department:read', 'department:write', 'org-account:write', 'audit:read'];
const headers = { authorization: `Bearer ${keyOf(0)}`, 'content-type': 'application/json' };

export const ms = (value) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
export const write = (text) => process.stdout.write(text);
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

export async function gatewayWith(sandbox, environment) {
  const adminPort = await freePort();
  const more = { ADMIN_PORT: String(adminPort), DINGTALK_QPS: '1000000', OVERLOAD_LAG_MS: '60000' };
  const gateway = await startGateway(sandbox, { scopes: SCOPES, ...more, ...environment });
  return { ...gateway, adminPort, pool: new Pool(gateway.url, { connections: 64, pipelining: 1 }) };
}

export async function send({ pool }, request, expects = 200) {
  const { statusCode, body } = await pool.request({ headers, ...request });
  if (statusCode !== expects) throw new Error(`${request.path}: ${statusCode} ${await body.text()}`);
  return body.json();
}
