import type { Ports } from '../ports.ts';

const SWEEP_BATCH = 1_000;
// How soon the sweep looks again after it found something, which may be lost once more, or more of it be waiting; and
// how soon a process notices that it leads now.
const SOON_MS = 1_000;

/**
 * Wakes every order that is due and has no worker: at start, after a crash, after a lost wake-up. One path for all.
 * Of several processes the one that leads does it. Runs until the signal aborts.
 */
export async function sweepOrders(ports: Ports, signal: AbortSignal, leads: () => boolean): Promise<void> {
  while (!signal.aborted) {
    const isQuiet = leads() && (await sweepOnce(ports)) === 0;
    await ports.clock.sleep(isQuiet ? ports.limits.sweepMs : SOON_MS, signal);
  }
}

/** How many orders were due. */
async function sweepOnce(ports: Ports): Promise<number> {
  try {
    const due = await ports.orders.dueOrders(SWEEP_BATCH);
    for (const orderId of due) ports.queue.wake(orderId);
    return due.length;
  } catch (error) {
    ports.log.warn({ error }, 'sweep failed, retrying');
    return 0;
  }
}
