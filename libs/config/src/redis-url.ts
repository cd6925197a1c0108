/** Where Redis is: one server, a master that sentinels watch, or a cluster. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** Of sentinels their own addresses. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
  /** What the sentinels call the master. */
  readonly master: string;
  readonly database: number;
}

export const REDIS_URL_RULE =
  'must be redis://[user:password@]host[:port][/database], redis+sentinel://…host,host/master[/database]' +
  ' or redis+cluster://…host,host; with TLS rediss';

const URL_FORM =
  /^redis(?<tls>s?)(?:[+-](?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^@/?#]*)@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;
const HOST_FORM = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[A-Za-z0-9._-]+))(?::(?<port>[0-9]{1,5}))?$/;

/** @throws URIError where what is percent-encoded is not. */
const decoded = (text: string | undefined): string | undefined => (text ? decodeURIComponent(text) : undefined);

function hostOf(text: string, defaultPort: number): RedisAddress['hosts'][number] | undefined {
  const { v6, name, port } = HOST_FORM.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  return host !== undefined && number > 0 && number < 65_536 ? { host, port: number } : undefined;
}

/** `/master/3`, `/master`, `/3`, or nothing. */
function placeOf(path: string, kind: RedisAddress['kind']): Pick<RedisAddress, 'master' | 'database'> | undefined {
  const { master, database = '0' } = /^\/?(?<master>[A-Za-z_][\w.-]*)?\/?(?<database>[0-9]{1,5})?\/?$/.exec(path)
    ?.groups ?? {
    database: 'none',
  };
  const isRight = database !== 'none' && (kind === 'sentinel') === (master !== undefined);
  const hasDatabase = kind !== 'cluster' || database === '0';
  return isRight && hasDatabase ? { master: master ?? '', database: Number(database) } : undefined;
}

function hostsOf(text: string, kind: RedisAddress['kind']): RedisAddress['hosts'] | undefined {
  const found = text.split(',').map((host) => hostOf(host, kind === 'sentinel' ? 26_379 : 6379));
  const known = found.filter((host) => host !== undefined);
  return known.length < found.length || (kind === 'single' && known.length > 1) ? undefined : known;
}

function userOf(text: string): Pick<RedisAddress, 'username' | 'password'> {
  const [username, ...password] = text.split(':');
  return { username: decoded(username), password: decoded(password.join(':')) };
}

/** @returns undefined for what is no address of Redis. */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  try {
    return addressOf(text);
  } catch {
    return undefined;
  }
}

function addressOf(text: string): RedisAddress | undefined {
  const { tls, kind: word, user = '', hosts: list = '', path = '', query = '' } = URL_FORM.exec(text)?.groups ?? {};
  const kind = (word ?? 'single') as RedisAddress['kind'];
  const hosts = hostsOf(list, kind);
  const place = placeOf(path, kind);
  const options = new URLSearchParams(query);
  const sentinelPassword = options.get('sentinelPassword') ?? undefined;
  options.delete('sentinelPassword');
  // What is not understood is not passed over: it may have been meant to make the connection safe.
  if (!hosts || !place || options.size > 0) return undefined;
  return { kind, hosts, tls: tls === 's', ...place, ...userOf(user), sentinelPassword };
}
