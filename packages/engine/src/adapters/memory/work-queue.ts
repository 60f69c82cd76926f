import { type Clock, msSince } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { WorkQueue } from '../../ports/work-queue.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Handlers that may run at once. */
  readonly concurrency: number;
  /** Starts per minute; null for no limit. Up to one second's share may start in a burst. */
  readonly ratePerMinute: number | null;
}

/** A first-in, first-out queue inside the process. What it holds is lost with it; the sweep finds it again. */
export function createMemoryWorkQueue({
  clock,
  log,
  concurrency,
  ratePerMinute,
}: WorkQueueOptions): WorkQueue & {
  depth(): { readonly waiting: number; readonly running: number };
} {
  const waiting = new Set<string>();
  const delays = new AbortController();
  const running = new Set<Promise<void>>();
  const allowance = createAllowance(clock, ratePerMinute);
  let handler: ((orderId: string) => Promise<void>) | undefined;
  let pausing = false;

  return { wake, start, stop, depth: () => ({ waiting: waiting.size, running: running.size }) };

  function wake(orderId: string, delayMs = 0): void {
    if (delays.signal.aborted) return;
    if (delayMs > 0) {
      void clock.sleep(delayMs, delays.signal).then(() => wake(orderId));
      return;
    }
    waiting.add(orderId);
    pump();
  }

  function start(run: (orderId: string) => Promise<void>): void {
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
      const pauseMs = allowance.take();
      if (pauseMs > 0) {
        pauseFor(pauseMs);
        return;
      }
      waiting.delete(orderId);
      run(orderId, handler);
    }
  }

  function run(orderId: string, handle: (orderId: string) => Promise<void>): void {
    const work = handle(orderId)
      .catch((error: unknown) => log.error({ orderId, error }, 'order run failed, the sweep will repeat it'))
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

/** A token bucket: filled at the rate, holding at most one second's share (at least one start). */
function createAllowance(clock: Clock, ratePerMinute: number | null): { take(): number } {
  if (ratePerMinute === null) return { take: () => 0 };
  const perMs = ratePerMinute / 60_000;
  const capacity = Math.max(1, perMs * 1_000);
  let tokens = capacity;
  let filledAt = clock.moment();
  return {
    /** 0 and one start taken, or how long to wait until one is there. */
    take() {
      tokens = Math.min(capacity, tokens + msSince(clock, filledAt) * perMs);
      filledAt = clock.moment();
      if (tokens < 1) return Math.ceil((1 - tokens) / perMs);
      tokens -= 1;
      return 0;
    },
  };
}
