/** Where PostgreSQL is. */
export interface DatabaseAddress {
  /** A host, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
  /** As libpq has it: `require` encrypts and believes any certificate, `verify-full` looks at it. */
  readonly tls: 'disable' | 'require' | 'verify-full';
  /** File with the certificates of those who may have signed the server's own. */
  readonly rootCertificate?: string;
}

export const DATABASE_URL_RULE =
  'must be postgres://[user:password@]host[:port]/database, with ?sslmode=disable, require or verify-full where wanted,' +
  ' and with verify-full &sslrootcert=<file>';

const TLS = ['disable', 'require', 'verify-full'] as const;
const KNOWN = new Set(['sslmode', 'sslrootcert', 'host']);

const decoded = (text: string): string | undefined => (text ? decodeURIComponent(text) : undefined);

/** What is not understood is not passed over: it may have been meant to make the connection safe. */
function addressOf(url: URL): DatabaseAddress | undefined {
  const options = url.searchParams;
  const host = options.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  const database = decoded(url.pathname.slice(1));
  const tls = TLS.find((mode) => mode === (options.get('sslmode') ?? 'disable'));
  const isKnown = [...options.keys()].every((name) => KNOWN.has(name));
  // With another mode nobody would look at it.
  const isInVain = options.has('sslrootcert') && tls !== 'verify-full';
  if (!/^postgres(?:ql)?:$/.test(url.protocol) || !host || !database || !tls || !isKnown || isInVain || url.hash)
    return undefined;
  return {
    host,
    port: Number(url.port || 5432),
    database,
    user: decoded(url.username),
    password: decoded(url.password),
    tls,
    rootCertificate: options.get('sslrootcert') ?? undefined,
  };
}

/** @returns undefined for what is no address of PostgreSQL. */
export function parseDatabaseUrl(text: string): DatabaseAddress | undefined {
  try {
    return addressOf(new URL(text));
  } catch {
    return undefined;
  }
}
