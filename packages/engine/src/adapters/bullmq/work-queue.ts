import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { OrderId } from '../../domain/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { StartLimit, WorkQueue } from '../../ports/work-queue.ts';
import { type Handler, startJobWorker } from './job-worker.ts';
import { createStartGate } from './start-gate.ts';
import { createWakeSender, openJobs, type WakeJob } from './wake-jobs.ts';

export interface BullmqWorkQueueOptions {
  /** A connection that fails at once while Redis is unavailable (`openRedis`). */
  readonly redis: Redis;
  readonly clock: Clock;
  readonly log: Logger;
  /** Maximum number of running handlers, over all processes. */
  readonly concurrency: number;
  /** Over all processes; null for no limit. */
  readonly startLimit: StartLimit | null;
  /**
   * Takes wake-ups while Redis is unavailable. Absent in a process that executes no orders, which drops them. The queue reports
   * every start to it, so that this process does not count from zero when Redis becomes unavailable.
   */
  readonly standIn?: WorkQueue & { noteStart?(): void };
  /**
   * Whether this process may use its stand-in. Only one process at a time may, so that the stand-in's limits apply to all
   * processes.
   */
  readonly leads?: () => boolean;
}

// Redis may be wiped, and the limit with it.
const LIMIT_REPEAT_MS = 1_000;
const CLOSE_MS = 3_000;
// A job costs Redis and both sides as much as the order's own work, so orders that are woken together share one.
const MAX_ORDERS_PER_JOB = 32;
// A job's places are free when its slowest order has left: few large jobs would let a handful of slow orders hold them all.
const MIN_JOBS_AT_ONCE = 16;

/**
 * Wakes workers of many processes through one BullMQ queue. A job carries order ids and nothing else; it is never
 * repeated by the queue, since the store decides what is due. A job that stalls is delivered again, which is harmless.
 *
 * While Redis is away the process that leads goes on with its stand-in, which the sweep fills from the store.
 */
export function createBullmqWorkQueue(
  options: BullmqWorkQueueOptions,
): WorkQueue & { readonly jobs: Queue<WakeJob> } {
  const { redis, clock, log, concurrency, startLimit, standIn } = options;
  const ordersPerJob = startLimit === null ? ordersPerJobOf(concurrency) : 1; // Each waits for a start of its own.
  const jobsAtOnce = Math.floor(concurrency / ordersPerJob);
  const jobs = openJobs(redis);
  const sendWake = createWakeSender({ jobs, ordersPerJob, clock, log });
  const stopping = new AbortController();
  const gate = startLimit && createStartGate({ redis, clock, limit: startLimit, signal: stopping.signal });
  let worker: ReturnType<typeof startJobWorker> | undefined;

  return { wake, start, stop, jobs };

  function wake(orderId: OrderId, delayMs = 0): void {
    if (stopping.signal.aborted) return;
    if (redis.status === 'ready') sendWake(orderId, delayMs);
    else if (options.leads?.()) standIn?.wake(orderId, delayMs);
  }

  function start(handler: Handler): void {
    standIn?.start(handler);
    const onStart = () => standIn?.noteStart?.();
    worker = startJobWorker({ redis, log, jobsAtOnce, gate, onStart }, handler);
    void holdConcurrency();
  }

  async function holdConcurrency(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (redis.status === 'ready')
        await jobs
          .setGlobalConcurrency(jobsAtOnce)
          .catch((error: unknown) => log.debug({ error }, 'concurrency limit not set'));
      await clock.sleep(LIMIT_REPEAT_MS, stopping.signal);
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const closed = Promise.all([worker?.close(), standIn?.stop()]);
    await worker?.allRun();
    await Promise.race([closed, clock.sleep(CLOSE_MS)]); // Redis may be away; then it finds the jobs stalled.
    worker?.disconnect();
    await Promise.race([jobs.close().catch(() => {}), clock.sleep(CLOSE_MS)]);
  }
}

const ordersPerJobOf = (concurrency: number): number =>
  Math.min(MAX_ORDERS_PER_JOB, Math.max(1, Math.floor(concurrency / MIN_JOBS_AT_ONCE)));
