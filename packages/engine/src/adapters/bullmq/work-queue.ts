import { type Job, Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { OrderId } from '../../domain/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { StartLimit, WorkQueue } from '../../ports/work-queue.ts';
import { createStartGate } from './start-gate.ts';

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

interface DelayedWake {
  readonly orderId: OrderId;
  readonly delayMs: number;
}

interface WakeJob {
  /** Run at once, together: the job takes a place for each. */
  readonly orderIds: readonly OrderId[];
}

const ORDERS_QUEUE = 'orders';
const QUEUE_PREFIX = 'oee';

// A dead worker keeps its jobs, and their share of the concurrency, for at most the sum of the two.
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
// Redis may be wiped, and the limit with it.
const LIMIT_REPEAT_MS = 1_000;
// Longer than any blocking read of BullMQ: a connection that is silent beyond it is dead.
const BLOCKING_SILENCE_MS = 20_000;
const CLOSE_MS = 3_000;
const MAX_UNANSWERED = 100;
const MAX_GATHERED = 100_000;
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
  const jobs = new Queue<WakeJob>(ORDERS_QUEUE, {
    connection: redis,
    prefix: QUEUE_PREFIX,
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    streams: { events: { maxLen: 100 } },
  });
  jobs.on('error', () => {}); // The connection tells the log.
  const stopping = new AbortController();
  const gate = startLimit && createStartGate({ redis, clock, limit: startLimit, signal: stopping.signal });
  const running = new Set<Promise<void>>();
  let gathered = new Set<OrderId>();
  let delayed: DelayedWake[] = [];
  let unanswered = 0;
  let worker: Worker<WakeJob> | undefined;
  let workerRedis: Redis | undefined;

  return { wake, start, stop, jobs };

  function wake(orderId: OrderId, delayMs = 0): void {
    if (stopping.signal.aborted) return;
    if (redis.status !== 'ready') {
      if (options.leads?.()) standIn?.wake(orderId, delayMs);
      return;
    }
    const count = gathered.size + delayed.length;
    if (count >= MAX_GATHERED) return;
    if (count === 0) setImmediate(send);
    if (delayMs > 0) delayed.push({ orderId, delayMs });
    else gathered.add(orderId);
  }

  function send(): void {
    const added = [...handfuls([...gathered], ordersPerJob).map(toJob), ...delayed.map(toDelayedJob)];
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

  /** It has its own id: it is asked for while a run of the order is still active, whose id must not swallow it. */
  function toDelayedJob({ orderId, delayMs }: DelayedWake) {
    const jobId = `${orderId}-${clock.now() + delayMs}`;
    return { name: 'execute', data: { orderIds: [orderId] }, opts: { jobId, delay: delayMs } };
  }

  function start(handler: (orderId: OrderId) => Promise<void>): void {
    standIn?.start(handler);
    workerRedis = redis.duplicate({ enableOfflineQueue: true, socketTimeout: BLOCKING_SILENCE_MS });
    workerRedis.on('error', () => {});
    worker = new Worker<WakeJob>(ORDERS_QUEUE, (job, token) => runOnceAllowed(job, token, handler), {
      connection: workerRedis,
      prefix: QUEUE_PREFIX,
      concurrency: jobsAtOnce,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: 1,
    });
    worker.on('error', (error) => log.debug({ error }, 'queue unavailable'));
    void holdConcurrency();
  }

  /** A job that waits for a start keeps its place: without free starts no other job could use it. */
  async function runOnceAllowed(
    job: Job<WakeJob>,
    token: string | undefined,
    handler: (orderId: OrderId) => Promise<void>,
  ): Promise<void> {
    if (gate && !(await gate.pass())) {
      await job.moveToWait(token);
      throw new WaitingError(); // BullMQ's signal that the job is neither done nor failed.
    }
    if (gate) standIn?.noteStart?.();
    await runAll(job.data, handler);
  }

  async function runAll({ orderIds }: WakeJob, handler: (orderId: OrderId) => Promise<void>): Promise<void> {
    await Promise.all(orderIds.map((orderId) => run(orderId, handler)));
  }

  async function run(orderId: OrderId, handler: (orderId: OrderId) => Promise<void>): Promise<void> {
    const work = handler(orderId)
      .catch((error: unknown) => log.error({ orderId, error }, 'order run failed, the sweep retries it'))
      .finally(() => running.delete(work));
    running.add(work);
    await work;
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
    await Promise.all(running);
    await Promise.race([closed, clock.sleep(CLOSE_MS)]); // Redis may be away; then it finds the jobs stalled.
    workerRedis?.disconnect();
    await Promise.race([jobs.close().catch(() => {}), clock.sleep(CLOSE_MS)]);
  }
}

/** A job for "now" of one order has its id, so that such jobs merge while one waits. */
function toJob(orderIds: readonly OrderId[]) {
  const opts = orderIds.length === 1 ? { jobId: `${orderIds[0]}-0` } : {};
  return { name: 'execute', data: { orderIds }, opts };
}

const ordersPerJobOf = (concurrency: number): number =>
  Math.min(MAX_ORDERS_PER_JOB, Math.max(1, Math.floor(concurrency / MIN_JOBS_AT_ONCE)));

function handfuls<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
