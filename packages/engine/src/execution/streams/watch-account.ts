import { type Moment, momentAfter, msBetween } from '../../domain/moment.ts';
import type { AccountEvent, OrderEvent } from '../../domain/order-event.ts';
import type { Ports } from '../ports.ts';
import { createBell } from '../waiting/wake-signal.ts';
import { watchTail } from './account-tail.ts';

// Letters of several processes overtake each other; what is still missing after this long is read.
const GAP_MS = 25;
const PAGE_EVENTS = 100;
// A reader that is further behind than this gets the rest from the log, page by page, as fast as it reads.
const MAX_INBOX = 2_000;

/**
 * The events of all orders of an account after position `after`, gap-free and in order, as they are committed; page by
 * page, each of what is there when the reader asks for it.
 * Subscribes before it reads, so nothing falls between. Ends when the signal aborts.
 */
export async function* watchAccount(
  ports: Ports,
  accountId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly AccountEvent[], void, undefined> {
  const bell = createBell(ports.clock, signal);
  const inbox = new Map<number, OrderEvent>();
  let last = after;
  const unsubscribe = ports.bus.subscribeToAccount(accountId, ({ position, events }) => {
    if (inbox.size >= MAX_INBOX) inbox.clear();
    for (const [index, event] of events.entries())
      if (position + index > last) inbox.set(position + index, event);
    bell.ring();
  });
  let isBehind = true;
  const leaveTail = watchTail(ports, accountId, {
    position: () => last,
    missed() {
      isBehind = true;
      bell.ring();
    },
  });
  try {
    while (!signal.aborted) {
      const page: readonly AccountEvent[] = isBehind
        ? await ports.orders.accountEvents(accountId, last, PAGE_EVENTS)
        : takeFollowing();
      for (const { position } of page) inbox.delete(position);
      last = page.at(-1)?.position ?? last;
      if (page.length > 0) yield page;
      if (page.length < PAGE_EVENTS) isBehind = false;
      if (!isBehind) await nextArrives();
    }
  } finally {
    unsubscribe();
    leaveTail();
  }

  function takeFollowing(): AccountEvent[] {
    const page: AccountEvent[] = [];
    for (let position = last + 1; ; position += 1) {
      const event = inbox.get(position);
      if (!event) return page;
      page.push({ position, event });
    }
  }

  /** Returns when the next event is here, or has to be looked for in the log. */
  async function nextArrives(): Promise<void> {
    let lookAt: Moment | undefined;
    while (!signal.aborted && !isBehind && !inbox.has(last + 1)) {
      if (inbox.size > 0) lookAt ??= momentAfter(ports.clock.moment(), GAP_MS);
      if (lookAt === undefined) await bell.wait();
      else if (!(await bell.wait(msBetween(ports.clock.moment(), lookAt)))) isBehind = true;
    }
  }
}
