import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { OrderId } from '../../domain/order.ts';
import type { Logger } from '../../ports/logger.ts';
import type { StartGate } from './start-gate.ts';
import { ORDERS_QUEUE, QUEUE_PREFIX, type WakeJob } from './wake-jobs.ts';

// A dead worker keeps its jobs, and their share of the concurrency, for at most the sum of the two.
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
// Longer than any blocking read of BullMQ: a connection that is silent beyond it is dead.
const BLOCKING_SILENCE_MS = 20_000;

export type Handler = (orderId: OrderId) => Promise<void>;

export interface JobWorkerOptions {
  readonly redis: Redis;
  readonly log: Logger;
  readonly jobsAtOnce: number;
  /** Passed before each job. Null: no limit of starts. */
  readonly gate: StartGate | null;
  /** Told of each job that passed the gate. */
  readonly onStart: () => void;
}

/** Takes jobs from Redis and runs their orders, on a connection of its own. */
export function startJobWorker(
  { redis, log, jobsAtOnce, gate, onStart }: JobWorkerOptions,
  handler: Handler,
) {
  const running = new Set<Promise<void>>();
  const connection = redis.duplicate({ enableOfflineQueue: true, socketTimeout: BLOCKING_SILENCE_MS });
  connection.on('error', () => {});
  const worker = new Worker<WakeJob>(ORDERS_QUEUE, runOnceAllowed, {
    connection,
    prefix: QUEUE_PREFIX,
    concurrency: jobsAtOnce,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: 1,
  });
  worker.on('error', (error) => log.debug({ error }, 'queue unavailable'));

  /** A job that waits for a start keeps its place: without free starts no other job could use it. */
  async function runOnceAllowed(job: Job<WakeJob>, token: string | undefined): Promise<void> {
    if (gate && !(await gate.pass())) {
      await job.moveToWait(token);
      throw new WaitingError(); // BullMQ's signal that the job is neither done nor failed.
    }
    if (gate) onStart();
    await Promise.all(job.data.orderIds.map(run));
  }

  async function run(orderId: OrderId): Promise<void> {
    const work = handler(orderId)
      .catch((error: unknown) => log.error({ orderId, error }, 'order run failed, the sweep retries it'))
      .finally(() => running.delete(work));
    running.add(work);
    await work;
  }

  return {
    /** Takes no more jobs; settles when BullMQ has let go of those in hand, which Redis may hold up. */
    close: (): Promise<void> => worker.close(),
    /** Settles when every order in hand has run. */
    allRun: async (): Promise<void> => void (await Promise.all(running)),
    disconnect: (): void => connection.disconnect(),
  };
}
