import { Redis } from 'ioredis';
import type { Logger } from '../../ports/logger.ts';

// A server that does not answer a command for this long counts as unavailable.
const SILENCE_MS = 3_000;
const RECONNECT_MS = 500;

/**
 * A connection that reconnects without end. While it is away a command fails at once instead of waiting: no content of
 * Redis is worth a queue in memory. It logs one line when it is lost and one when it is back.
 *
 * @param name Shown by the server beside the connection.
 */
export function openRedis({ url, name, log }: { url: string; name: string; log: Logger }): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    socketTimeout: SILENCE_MS,
    connectTimeout: SILENCE_MS,
    retryStrategy: () => RECONNECT_MS,
  });
  let isAway = false;
  redis.on('error', (error: Error) => {
    if (!isAway) log.warn({ error, connection: name }, 'Redis unavailable, continuing without it');
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log.info({ connection: name }, 'Redis available again');
    isAway = false;
  });
  return redis;
}
