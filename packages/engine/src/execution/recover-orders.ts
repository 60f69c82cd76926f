import type { World } from './world.ts';

const SWEEP_BATCH = 1_000;

/**
 * Wakes every order that is due and has no worker: at start, after a crash, after a lost wake-up. One path for all.
 * Runs until the signal aborts.
 */
export async function sweepOrders(world: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const orderId of await world.orders.dueOrders(SWEEP_BATCH)) world.queue.wake(orderId);
    } catch (error) {
      world.log.warn({ error }, 'sweep failed, it will be repeated');
    }
    await world.clock.sleep(world.limits.sweepMs, signal);
  }
}
