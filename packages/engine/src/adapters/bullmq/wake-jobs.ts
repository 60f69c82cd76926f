import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { OrderId } from '../../domain/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

export interface WakeJob {
  /** Run at once, together: the job takes a place for each. */
  readonly orderIds: readonly OrderId[];
}

interface DelayedWake {
  readonly orderId: OrderId;
  readonly delayMs: number;
}

export const ORDERS_QUEUE = 'orders';
export const QUEUE_PREFIX = 'oee';

const MAX_UNANSWERED = 100;
const MAX_GATHERED = 100_000;

/** The queue of all processes in Redis. */
export function openJobs(redis: Redis): Queue<WakeJob> {
  const jobs = new Queue<WakeJob>(ORDERS_QUEUE, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    streams: { events: { maxLen: 100 } },
  });
  jobs.on('error', () => {}); // The connection tells the log.
  return jobs;
}

/** Adds a job for each wake-up. The wake-ups of one turn of the event loop travel together; Redis may lose them. */
export function createWakeSender(options: {
  readonly jobs: Queue<WakeJob>;
  readonly ordersPerJob: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}): (orderId: OrderId, delayMs: number) => void {
  const { jobs, ordersPerJob, clock, log } = options;
  let gathered = new Set<OrderId>();
  let delayed: DelayedWake[] = [];
  let unanswered = 0;

  function send(): void {
    const nowMs = clock.now();
    const added = [
      ...handfuls([...gathered], ordersPerJob).map(toJob),
      ...delayed.map((wake) => toDelayedJob(wake, nowMs)),
    ];
    gathered = new Set();
    delayed = [];
    if (unanswered >= MAX_UNANSWERED) return;
    unanswered += 1;
    jobs
      .addBulk(added)
      .catch((error: unknown) =>
        log.debug({ error, jobs: added.length }, 'wake-ups lost, the sweep recovers them'),
      )
      .finally(() => {
        unanswered -= 1;
      });
  }

  return (orderId, delayMs) => {
    const count = gathered.size + delayed.length;
    if (count >= MAX_GATHERED) return;
    if (count === 0) setImmediate(send);
    if (delayMs > 0) delayed.push({ orderId, delayMs });
    else gathered.add(orderId);
  };
}

/** A job for "now" of one order has its id, so that such jobs merge while one waits. */
function toJob(orderIds: readonly OrderId[]) {
  const opts = orderIds.length === 1 ? { jobId: `${orderIds[0]}-0` } : {};
  return { name: 'execute', data: { orderIds }, opts };
}

/** It has its own id: it is asked for while a run of the order is still active, whose id must not swallow it. */
function toDelayedJob({ orderId, delayMs }: DelayedWake, nowMs: number) {
  const jobId = `${orderId}-${nowMs + delayMs}`;
  return { name: 'execute', data: { orderIds: [orderId] }, opts: { jobId, delay: delayMs } };
}

function handfuls<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
