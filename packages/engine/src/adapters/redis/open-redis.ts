import { Redis } from 'ioredis';
import type { Logger } from '../../ports/logger.ts';

// A server that takes a command and answers nothing for this long is treated as gone.
const SILENCE_MS = 3_000;
const RECONNECT_MS = 500;

/**
 * A connection that comes back by itself, for ever. While it is away a command fails at once instead of waiting:
 * nothing that Redis holds is worth a queue in memory. The log hears once when it goes and once when it is back.
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
