import type { AccountEvent } from '../domain/order-event.ts';
import { createBell } from './bell.ts';
import type { World } from './world.ts';

// The bus is a courier that may lose a letter; the log is asked again after this long without news.
const RECHECK_MS = 10_000;
const PAGE_EVENTS = 200;

/**
 * The events of all orders of an account after position `after`, gap-free and in order, as they are numbered.
 * Subscribes before it reads, so nothing falls between. Ends when the signal aborts.
 */
export async function* watchAccount(
  world: World,
  accountId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<AccountEvent, void, undefined> {
  const bell = createBell(world.clock, signal);
  let last = after;
  const unsubscribe = world.bus.subscribeToPosition(accountId, (position) => {
    if (position > last) bell.ring();
  });
  try {
    while (!signal.aborted) {
      const page = await world.orders.accountEvents(accountId, last, PAGE_EVENTS);
      for (const event of page) {
        yield event;
        last = event.position;
      }
      if (page.length < PAGE_EVENTS) await bell.wait(RECHECK_MS);
    }
  } finally {
    unsubscribe();
  }
}
