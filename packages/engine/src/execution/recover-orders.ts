import type { Engine } from './engine.ts';

const SWEEP_BATCH = 1_000;

/**
 * Wakes every order that is due and has no worker: at start, after a crash, after a lost wake-up. One path for all.
 * Runs until the signal aborts.
 */
export async function sweepOrders(engine: Engine, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const orderId of await engine.orders.dueOrders(SWEEP_BATCH)) engine.queue.wake(orderId);
    } catch (error) {
      engine.log.warn({ error }, 'sweep failed, it will be repeated');
    }
    await engine.clock.sleep(engine.limits.sweepMs, signal);
  }
}
