import { type Moment, momentAfter, msBetween } from '../../domain/moment.ts';
import type { AccountId } from '../../domain/order.ts';
import type { AccountEvent, OrderEvent } from '../../domain/order-event.ts';
import type { Engine } from '../engine.ts';
import { createWakeSignal } from '../waiting/wake-signal.ts';

// Messages of several processes may arrive out of order. After this time the stream reads missing events from the log.
const GAP_MS = 25;
const PAGE_EVENTS = 100;
// Maximum number of buffered events. A slower reader gets the rest from the log, page by page.
const MAX_INBOX = 2_000;

/** Events after the position of a reader have left with their orders (`OrderRetention`). */
export class EventsDeparted extends Error {
  override name = 'EventsDeparted';
  /** The first position that a reader may resume at. */
  readonly position: number;

  constructor(position: number) {
    super(`events up to position ${position} have left`);
    this.position = position;
  }
}

/**
 * The events of all orders of an account after position `after`, gap-free and in order, as they are committed. Each page
 * has the events that are available when the reader asks for it.
 * Subscribes before it reads, so nothing falls between. Ends when the signal aborts.
 *
 * @throws {EventsDeparted} The next event is not in the log any more.
 */
export async function* watchAccount(
  engine: Engine,
  accountId: AccountId,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly AccountEvent[], void, undefined> {
  const wakeSignal = createWakeSignal(engine.clock, signal);
  const inbox = new Map<number, OrderEvent>();
  let last = after;
  const unsubscribe = engine.bus.subscribeToAccount(accountId, ({ position, events }) => {
    if (inbox.size >= MAX_INBOX) inbox.clear();
    for (const [index, event] of events.entries())
      if (position + index > last) inbox.set(position + index, event);
    wakeSignal.wake();
  });
  let isBehind = true;
  const leaveTail = engine.tails.watch(accountId, {
    position: () => last,
    missed() {
      isBehind = true;
      wakeSignal.wake();
    },
  });
  try {
    while (!signal.aborted) {
      const page: readonly AccountEvent[] = isBehind ? await readPage() : takeFollowing();
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

  async function readPage(): Promise<readonly AccountEvent[]> {
    const page = await engine.orders.accountEvents(accountId, last, PAGE_EVENTS);
    if (page.every(({ position }, index) => position === last + 1 + index)) return page;
    throw new EventsDeparted(await engine.orders.departedPosition(accountId));
  }

  function takeFollowing(): AccountEvent[] {
    const page: AccountEvent[] = [];
    for (let position = last + 1; ; position += 1) {
      const event = inbox.get(position);
      if (!event) return page;
      page.push({ position, event });
    }
  }

  /** Returns when the next event is buffered, or when the stream must read it from the log. */
  async function nextArrives(): Promise<void> {
    let lookAt: Moment | undefined;
    while (!signal.aborted && !isBehind && !inbox.has(last + 1)) {
      if (inbox.size > 0) lookAt ??= momentAfter(engine.clock.moment(), GAP_MS);
      if (lookAt === undefined) await wakeSignal.wait();
      else if (!(await wakeSignal.wait(msBetween(engine.clock.moment(), lookAt)))) isBehind = true;
    }
  }
}
