import type { Queue } from 'bullmq';
import { createBullmqWorkQueue } from '../adapters/bullmq/work-queue.ts';
import { createMemoryEventBus } from '../adapters/memory/event-bus.ts';
import { createMemoryWorkQueue } from '../adapters/memory/work-queue.ts';
import { createRedisEventBus } from '../adapters/redis/event-bus.ts';
import { openRedis } from '../adapters/redis/open-redis.ts';
import { claimRedis, RedisClaimed, type StoreClaim } from '../adapters/redis/store-claim.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config/config.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Logger } from '../ports/logger.ts';
import type { StartLimit, WorkQueue } from '../ports/work-queue.ts';
import { describeProcess } from './describe-process.ts';
import type { Role } from './role.ts';

export { RedisClaimed };

export interface Transport {
  readonly queue: WorkQueue;
  readonly bus: EventBus;
  /** The BullMQ queue for the queue page; null without Redis. */
  readonly jobs: Queue | null;
  /** Whether Redis answers now; null without Redis. */
  isConnected(): boolean | null;
  /** Counts what this process started before a restart; null where Redis counts, or nothing is limited. */
  readonly noteStart: ((agoMs: number) => void) | null;
  /**
   * Claims Redis for the orders of this store before anything is sent there; null without Redis.
   * @throws {RedisClaimed} An engine of another store uses it.
   */
  claim(store: string): Promise<StoreClaim | null>;
  close(): Promise<void>;
}

export const START_WINDOW_MS = 60_000;

/** Whether no other process works on this store: it is this process's own, or nothing could carry orders to another. */
export const isAlone = (config: Config, store: { readonly embedded: boolean }): boolean =>
  store.embedded || config.REDIS_URL === null;

/** Queue and bus of the configuration: within this process, or over Redis between several. */
export function openTransport(options: {
  readonly config: Config;
  readonly role: Role;
  readonly log: Logger;
  readonly leads: () => boolean;
  /** No other process has the store, so events stay in this process. */
  readonly alone: boolean;
}): Transport {
  const { config, role, log, leads, alone } = options;
  const local = createMemoryEventBus();
  const settings = {
    clock: systemClock,
    log,
    concurrency: config.QUEUE_MAX_CONCURRENCY,
    startLimit: startLimitOf(config),
  };
  const memoryQueue = createMemoryWorkQueue(settings);
  if (config.REDIS_URL === null)
    return {
      queue: memoryQueue,
      bus: local,
      jobs: null,
      isConnected: () => null,
      noteStart: settings.startLimit && memoryQueue.noteStart,
      claim: async () => null,
      close: async () => {},
    };

  const redis = openRedis({ url: config.REDIS_URL, name: `oee-${role}`, log });
  const shared = alone ? null : createRedisEventBus({ redis, local, listens: role !== 'worker', log });
  const queue = createBullmqWorkQueue({
    ...settings,
    redis,
    leads,
    ...(role !== 'api' && { standIn: memoryQueue }),
  });
  return {
    queue,
    bus: shared ?? local,
    jobs: queue.jobs,
    isConnected: () => redis.status === 'ready',
    noteStart: null,
    claim: (store) =>
      claimRedis({
        redis,
        store,
        description: describeProcess(role),
        clock: systemClock,
        log,
      }),
    async close() {
      await shared?.close();
      redis.disconnect();
    },
  };
}

const startLimitOf = ({ QUEUE_RATE_LIMIT_PER_MINUTE: starts }: Config): StartLimit | null =>
  starts === 0 ? null : { starts, windowMs: START_WINDOW_MS };
