import type { World } from './world.ts';

const SWEEP_BATCH = 1_000;
// How soon the sweep looks again: after a full batch, as more is waiting; or for having become the leader.
const SOON_MS = 1_000;

/**
 * Wakes every order that is due and has no worker: at start, after a crash, after a lost wake-up. One path for all.
 * Of several processes the one that leads does it. Runs until the signal aborts.
 */
export async function sweepOrders(world: World, signal: AbortSignal, leads: () => boolean): Promise<void> {
  while (!signal.aborted) {
    const isComplete = leads() && (await sweepOnce(world));
    await world.clock.sleep(isComplete ? world.limits.sweepMs : SOON_MS, signal);
  }
}

/** Whether everything that was due is woken now. */
async function sweepOnce(world: World): Promise<boolean> {
  try {
    const due = await world.orders.dueOrders(SWEEP_BATCH);
    for (const orderId of due) world.queue.wake(orderId);
    return due.length < SWEEP_BATCH;
  } catch (error) {
    world.log.warn({ error }, 'sweep failed, it will be repeated');
    return true;
  }
}
