import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { AccountId } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import type { EventBus, Publication } from '../../ports/event-bus.ts';
import type { Logger } from '../../ports/logger.ts';

export interface RedisEventBusOptions {
  readonly redis: Redis;
  /** Delivers within this process, including events of other processes. */
  readonly local: EventBus;
  /** Whether to subscribe to events of other processes; a process without streams does not need them. */
  readonly listens: boolean;
  readonly log: Logger;
}

/** The first line of a message. The other lines are the events of one turn of the event loop. */
interface ParcelHead {
  /** The publishing process, which has already delivered the events to its own listeners. */
  readonly from: string;
  readonly publications: readonly {
    readonly accountId: AccountId;
    readonly position: number;
    /** How many of the events belong to this publication, in order. */
    readonly count: number;
  }[];
}

const CHANNEL = 'oee:events';
// Maximum number of unanswered publishes. Further events are dropped, and streams read them from the log.
const MAX_UNANSWERED = 1_000;

/**
 * Carries events between processes over Redis publish and subscribe, one message per turn of the event loop. Each
 * process receives every message: it subscribes at the start, so a stream never waits for a subscription.
 * A stream finds lost events in the log by `sequence`.
 */
export function createRedisEventBus(options: RedisEventBusOptions): EventBus & { close(): Promise<void> } {
  const { redis, local, listens, log } = options;
  const self = randomUUID();
  const subscriber = listens
    ? redis.duplicate({ enableOfflineQueue: true, socketTimeout: undefined })
    : undefined;
  let publications: Publication[] = [];
  let isLeaving = false;
  let unanswered = 0;

  subscriber?.on('error', () => {}); // The publishing connection logs the error.
  subscriber?.on('message', (_channel, text: string) => receive(text));
  void subscriber?.subscribe(CHANNEL).catch(() => {}); // The connection repeats it after every reconnect.

  function publish(publication: Publication): void {
    local.publish(publication);
    publications.push(publication);
    if (!isLeaving) setImmediate(send);
    isLeaving = true;
  }

  function send(): void {
    const parcel = publications;
    publications = [];
    isLeaving = false;
    if (redis.status !== 'ready' || unanswered >= MAX_UNANSWERED) return;
    unanswered += 1;
    redis
      .publish(CHANNEL, toText(self, parcel))
      .catch((error: unknown) => log.debug({ error }, 'event publishing failed, streams read the log'))
      .finally(() => {
        unanswered -= 1;
      });
  }

  function receive(text: string): void {
    try {
      const [head = '', ...lines] = text.split('\n');
      const parcel = JSON.parse(head) as ParcelHead;
      if (parcel.from === self) return;
      let read = 0;
      for (const { accountId, position, count } of parcel.publications) {
        const events = lines.slice(read, read + count).map((line) => JSON.parse(line) as OrderEvent);
        read += count;
        local.publish({ accountId, position, events });
      }
    } catch (error) {
      log.warn({ error }, 'foreign message on the event channel');
    }
  }

  return {
    publish,
    subscribe: local.subscribe,
    subscribeToAccount: local.subscribeToAccount,
    async close() {
      subscriber?.disconnect();
    },
  };
}

/** A line for the head and one for each event: JSON has no line break. */
function toText(from: string, publications: readonly Publication[]): string {
  const head: ParcelHead = {
    from,
    publications: publications.map(({ accountId, position, events }) => ({
      accountId,
      position,
      count: events.length,
    })),
  };
  const events = publications.flatMap((publication) => publication.events);
  return [head, ...events].map((line) => JSON.stringify(line)).join('\n');
}
