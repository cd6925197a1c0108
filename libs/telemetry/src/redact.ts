/** Names of fields whose values never reach a log. */
const SECRET_FIELDS = new Set([
  'authorization',
  'cookie',
  'password',
  'accessToken',
  'access_token',
  'refreshToken',
  'authCode',
  'appKey',
  'appSecret',
  'clientId',
  'clientSecret',
  'mobile',
  'email',
]);

type Line = Record<string, unknown>;

const isPart = (value: unknown): value is Line => typeof value === 'object' && value !== null;

const hidesIn = (line: Line): boolean => {
  for (const name in line) if (SECRET_FIELDS.has(name)) return true;
  return false;
};

const hidden = (line: Line): Line =>
  Object.fromEntries(Object.entries(line).map(([name, value]) => [name, SECRET_FIELDS.has(name) ? '[hidden]' : value]));

/** A line for the log without the values of secret fields, be they its own or one level down. */
export function hideSecrets(line: Line): Line {
  let shown = hidesIn(line) ? hidden(line) : line;
  for (const name in shown) {
    const value = shown[name];
    if (isPart(value) && hidesIn(value)) shown = { ...shown, [name]: hidden(value) };
  }
  return shown;
}

const PATTERNS: readonly [RegExp, string][] = [
  [/\b(access_?token|refresh_?token|app_?key|app_?secret|client_?id|client_?secret|code)=[^&\s"']+/gi, '$1=[hidden]'],
  [/\b(?:Bearer|Basic)\s+[^\s"',]+/gi, '[hidden]'],
  [/\bappKey\([^)]*\)/g, 'appKey([hidden])'],
  [/\bcontent=[^%\s]+%23/g, 'content=[hidden]%23'],
  [/\b[A-Za-z0-9_-]{32,}\b/g, '[hidden]'],
  [/(?<![0-9])(?:\+?86-?)?1[3-9][0-9]{9}(?![0-9])/g, '[mobile]'],
  [/\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b/g, '[address]'],
];

/** Hides what may be a token, a key, a mobile number or an address in text that we did not write. */
export const scrub = (text: string): string => PATTERNS.reduce((told, [form, mask]) => told.replace(form, mask), text);
