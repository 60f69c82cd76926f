import type { AccountId } from '../../domain/order.ts';
import type { Ports } from '../ports.ts';

/** A reader that has the account's stream up to a position and waits for more. */
export interface TailReader {
  readonly position: () => number;
  /** Called when the log has later events that the bus did not deliver. */
  readonly missed: () => void;
}

// How often the tail checks the log for events that the bus dropped.
const ASK_EVERY_MS = 10_000;

interface Tail {
  readonly readers: Set<TailReader>;
  /** Cancels the next check. */
  cancel: () => void;
}

const tails = new WeakMap<Ports['orders'], Map<string, Tail>>();

/**
 * Notifies readers at the end of an account's stream when the bus dropped events. Thousands of readers may wait for the
 * same event, so all of them share one timer and one query to the store.
 *
 * @returns Stops the notifications for this reader.
 */
export function watchTail(ports: Ports, accountId: AccountId, reader: TailReader): () => void {
  const ofStore = tails.get(ports.orders) ?? new Map<string, Tail>();
  tails.set(ports.orders, ofStore);
  const tail = ofStore.get(accountId) ?? startTail(ports, accountId);
  ofStore.set(accountId, tail);
  tail.readers.add(reader);
  return () => {
    tail.readers.delete(reader);
    if (tail.readers.size > 0 || ofStore.get(accountId) !== tail) return;
    tail.cancel();
    ofStore.delete(accountId);
  };
}

function startTail({ clock, log, orders }: Ports, accountId: AccountId): Tail {
  const tail: Tail = { readers: new Set(), cancel: clock.after(ASK_EVERY_MS, () => void ask()) };
  return tail;

  async function ask(): Promise<void> {
    try {
      const end = await orders.accountPosition(accountId);
      for (const { position, missed } of tail.readers) if (position() < end) missed();
    } catch (error) {
      log.warn({ error }, 'event log poll failed, retrying');
    }
    if (tail.readers.size > 0) tail.cancel = clock.after(ASK_EVERY_MS, () => void ask());
  }
}
