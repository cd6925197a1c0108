type HeaderList = readonly (readonly [name: string, value: string])[];

const YEAR_S = 31_536_000;

/** Answers are data and no page: nothing in them may run, and nobody may frame them. */
const ALWAYS: HeaderList = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
];

const HTTPS: HeaderList = [...ALWAYS, ['strict-transport-security', `max-age=${YEAR_S}`]];

/** The headers of every answer, whatever it holds; where browsers come by https, also that they always do. */
export const headersFor = (isHttps: boolean): HeaderList => (isHttps ? HTTPS : ALWAYS);

/** The pages load nothing from elsewhere; the policy makes sure of it. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'self' 'unsafe-inline'",
  'font-src data:',
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');
