/** Names of fields whose values never reach a log. */
export const SECRET_FIELDS = [
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
];

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
