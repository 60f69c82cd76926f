import { createBell } from './bell.ts';
import type { World } from './world.ts';

const BATCH_EVENTS = 1_000;
// Company for a batch: what is committed meanwhile is numbered with it.
const GATHER_MS = 10;
// Events of other processes may not be heard of; they are looked for this often.
const LOOK_EVERY_MS = 1_000;

/**
 * Numbers committed events in their account's stream and tells the streams. One process at a time does it; it may die
 * anywhere, since numbering is one commit and starts from what has no number. Runs until the signal aborts.
 */
export async function numberEvents(world: World, signal: AbortSignal, leads: () => boolean): Promise<void> {
  const bell = createBell(world.clock, signal);
  const unsubscribe = world.bus.subscribeToAll(() => bell.ring());
  try {
    while (!signal.aborted) {
      const isMore = leads() && (await numberBatch(world));
      if (isMore) continue;
      await bell.wait(LOOK_EVERY_MS);
      await world.clock.sleep(GATHER_MS, signal);
    }
  } finally {
    unsubscribe();
  }
}

/** Whether more may be waiting. */
async function numberBatch(world: World): Promise<boolean> {
  try {
    const grown = await world.orders.numberEvents(BATCH_EVENTS);
    for (const { accountId, position } of grown) world.bus.publishPosition(accountId, position);
    return grown.reduce((sum, { events }) => sum + events, 0) >= BATCH_EVENTS;
  } catch (error) {
    world.log.warn({ error }, 'events were not numbered, it will be repeated');
    return false;
  }
}
