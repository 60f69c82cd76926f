import type { OrderId } from '../../domain/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { StartLimit, WorkQueue } from '../../ports/work-queue.ts';
import { createStartWindow } from './start-window.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Handlers that may run at once. */
  readonly concurrency: number;
  readonly startLimit: StartLimit | null;
}

export interface MemoryWorkQueue extends WorkQueue {
  depth(): { readonly waiting: number; readonly running: number };
  /** Counts a start under the same limit that another queue made, or this one before a restart, `agoMs` ago. */
  noteStart(agoMs?: number): void;
}

type Handler = (orderId: OrderId) => Promise<void>;

/** A first-in, first-out queue inside the process. Its entries are lost with the process; the sweep recovers them. */
export function createMemoryWorkQueue(options: WorkQueueOptions): MemoryWorkQueue {
  const { clock, log, concurrency, startLimit } = options;
  const waiting = new Set<OrderId>();
  const delays = new AbortController();
  const running = new Set<Promise<void>>();
  const window = createStartWindow(clock, startLimit);
  let handler: Handler | undefined;
  let pausing = false;

  return {
    wake,
    start,
    stop,
    depth: () => ({ waiting: waiting.size, running: running.size }),
    noteStart: window.note,
  };

  function wake(orderId: OrderId, delayMs = 0): void {
    if (delays.signal.aborted) return;
    if (delayMs > 0) {
      void clock.sleep(delayMs, delays.signal).then(() => wake(orderId));
      return;
    }
    waiting.add(orderId);
    pump();
  }

  function start(run: Handler): void {
    handler = run;
    pump();
  }

  async function stop(): Promise<void> {
    delays.abort();
    handler = undefined;
    await Promise.all(running);
  }

  function pump(): void {
    for (const orderId of waiting) {
      if (!handler || pausing || running.size >= concurrency) return;
      const pauseMs = window.take();
      if (pauseMs > 0) {
        pauseFor(pauseMs);
        return;
      }
      waiting.delete(orderId);
      run(orderId, handler);
    }
  }

  function run(orderId: OrderId, handle: Handler): void {
    const work = handle(orderId)
      .catch((error: unknown) => log.error({ orderId, error }, 'order run failed, the sweep retries it'))
      .then(() => {
        running.delete(work);
        pump();
      });
    running.add(work);
  }

  function pauseFor(pauseMs: number): void {
    pausing = true;
    void clock.sleep(pauseMs, delays.signal).then(() => {
      pausing = false;
      pump();
    });
  }
}
