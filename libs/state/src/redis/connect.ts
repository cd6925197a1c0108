import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress } from '#config';

export type RedisClient = Redis | Cluster;

const CONNECT_MS = 1000;
const KEEP_ALIVE_MS = 5000;
const LONGEST_PAUSE_MS = 500;

const pauseMs = (tries: number): number => Math.min(LONGEST_PAUSE_MS, 50 * tries);

/** A master that was demoted answers READONLY: whoever connects anew finds the one that took its place. */
const isDemoted = ({ message }: Error): boolean => message.startsWith('READONLY');

/** No command waits for a connection, and none is sent twice: whoever asks decides what to do without an answer. */
const AT_ONCE = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
} as const;

/** Connects in the background, again and again. */
export function connect(address: RedisAddress): RedisClient {
  const { kind, hosts, tls, username, password, sentinelPassword, master, database: db } = address;
  const common: RedisOptions = {
    ...AT_ONCE,
    ...{ username, password, connectTimeout: CONNECT_MS, keepAlive: KEEP_ALIVE_MS, reconnectOnError: isDemoted },
    ...(tls && { tls: {} }),
  };
  if (kind === 'cluster') {
    return new Cluster([...hosts], {
      ...{ enableOfflineQueue: false, clusterRetryStrategy: pauseMs, redisOptions: common },
      // A command whose caller has been told that Redis is away is not to be sent a second time.
      ...{ retryDelayOnFailover: 0, retryDelayOnClusterDown: 0 },
      // Certificates are of names: what the cluster tells of its nodes is not to be resolved before it is checked.
      ...(tls && { dnsLookup: (name, done) => done(null, name) }),
    });
  }
  if (kind === 'sentinel') {
    return new Redis({
      ...{ ...common, db, retryStrategy: pauseMs, sentinelRetryStrategy: pauseMs, name: master, sentinels: [...hosts] },
      ...{ sentinelPassword, enableTLSForSentinelMode: tls, ...(tls && { sentinelTLS: {} }) },
    });
  }
  return new Redis({ ...common, ...hosts[0], db, retryStrategy: pauseMs });
}

/**
 * Connects anew where nobody is on the other end: a hung server takes connections, and says nothing on them. Who is connecting
 * already is left to it.
 */
export function giveUp(client: RedisClient): void {
  if (client.status === 'ready' || client.status === 'connect') client.disconnect(true);
}
