import type { Ports } from '../ports.ts';

/** Somebody who has the account's stream up to a position and waits for more. */
export interface TailReader {
  readonly position: () => number;
  /** The log has more than that, and the bus did not bring it. */
  readonly missed: () => void;
}

// The bus is a courier that may lose a letter; this often the log is asked whether it has more than readers heard of.
const ASK_EVERY_MS = 10_000;

interface Tail {
  readonly readers: Set<TailReader>;
  /** Calls off the next question. */
  cancel: () => void;
}

const tails = new WeakMap<Ports['orders'], Map<string, Tail>>();

/**
 * Tells readers at the end of an account's stream of what the bus lost. They are thousands, who all wait for the same
 * event: one question to the store is for all of them, and whoever waits has no timer and does nothing meanwhile.
 *
 * @returns Ends it for this reader.
 */
export function watchTail(ports: Ports, accountId: string, reader: TailReader): () => void {
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

function startTail({ clock, log, orders }: Ports, accountId: string): Tail {
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
