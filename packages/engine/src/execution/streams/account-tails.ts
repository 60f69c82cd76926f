import type { AccountId } from '../../domain/order.ts';
import type { Ports } from '../ports.ts';

/** A reader that has the account's stream up to a position and waits for more. */
export interface TailReader {
  readonly position: () => number;
  /** Called when the log has later events that the bus did not deliver. */
  readonly missed: () => void;
}

export interface AccountTails {
  /**
   * Notifies a reader at the end of an account's stream when the bus dropped events.
   *
   * @returns Stops the notifications for this reader.
   */
  watch(accountId: AccountId, reader: TailReader): () => void;
}

// How often a tail checks the log for events that the bus dropped.
const ASK_EVERY_MS = 10_000;

interface Tail {
  readonly readers: Set<TailReader>;
  /** Cancels the next check. */
  cancel: () => void;
}

/**
 * The readers at the end of each account's stream. Thousands may wait for the same event, so those of one account
 * share one timer and one query to the store.
 */
export function createAccountTails(ports: Pick<Ports, 'clock' | 'log' | 'orders'>): AccountTails {
  const tails = new Map<AccountId, Tail>();
  return {
    watch(accountId, reader) {
      const tail = tails.get(accountId) ?? startTail(ports, accountId);
      tails.set(accountId, tail);
      tail.readers.add(reader);
      return () => {
        tail.readers.delete(reader);
        if (tail.readers.size > 0 || tails.get(accountId) !== tail) return;
        tail.cancel();
        tails.delete(accountId);
      };
    },
  };
}

function startTail(
  { clock, log, orders }: Pick<Ports, 'clock' | 'log' | 'orders'>,
  accountId: AccountId,
): Tail {
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
