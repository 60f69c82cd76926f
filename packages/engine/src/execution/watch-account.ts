import type { AccountEvent, OrderEvent } from '../domain/order-event.ts';
import { createBell } from './bell.ts';
import type { World } from './world.ts';

// The bus is a courier that may lose a letter; without news the log is asked again at every multiple of this time: whoever
// waits at the end of one stream then asks for the same page at the same moment, and the store reads it once for all.
const RECHECK_MS = 10_000;
// Letters of several processes overtake each other; what is still missing after this long is read.
const GAP_MS = 25;
const PAGE_EVENTS = 100;
// A reader that is further behind than this gets the rest from the log, page by page, as fast as it reads.
const MAX_INBOX = 2_000;

/**
 * The events of all orders of an account after position `after`, gap-free and in order, as they are committed.
 * Subscribes before it reads, so nothing falls between. Ends when the signal aborts.
 */
export async function* watchAccount(
  world: World,
  accountId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<AccountEvent, void, undefined> {
  const bell = createBell(world.clock, signal);
  const inbox = new Map<number, OrderEvent>();
  let last = after;
  const unsubscribe = world.bus.subscribeToAccount(accountId, ({ position, events }) => {
    if (inbox.size >= MAX_INBOX) inbox.clear();
    for (const [index, event] of events.entries())
      if (position + index > last) inbox.set(position + index, event);
    bell.ring();
  });
  try {
    let isBehind = true;
    while (!signal.aborted) {
      const page: readonly AccountEvent[] = isBehind
        ? await world.orders.accountEvents(accountId, last, PAGE_EVENTS)
        : takeFollowing();
      for (const one of page) {
        yield one;
        last = one.position;
        inbox.delete(last);
      }
      isBehind = isBehind && page.length === PAGE_EVENTS;
      if (!isBehind) isBehind = !(await nextArrives());
    }
  } finally {
    unsubscribe();
  }

  function takeFollowing(): AccountEvent[] {
    const page: AccountEvent[] = [];
    for (let position = last + 1; ; position += 1) {
      const event = inbox.get(position);
      if (!event) return page;
      page.push({ position, event });
    }
  }

  /** False if the next event has to be looked for in the log. */
  async function nextArrives(): Promise<boolean> {
    const startedAtMs = world.clock.now();
    let untilMs = startedAtMs + RECHECK_MS - (startedAtMs % RECHECK_MS);
    while (!signal.aborted && !inbox.has(last + 1)) {
      const nowMs = world.clock.now();
      if (inbox.size > 0) untilMs = Math.min(untilMs, nowMs + GAP_MS);
      if (nowMs >= untilMs) return false;
      await bell.wait(untilMs - nowMs);
    }
    return true;
  }
}
