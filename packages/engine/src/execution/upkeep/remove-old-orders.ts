import type { OrderRetention } from '../../ports/order-retention.ts';
import type { Ports } from '../ports.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

const REMOVE_EVERY_MS = 60_000;

/**
 * Removes orders that are older than so many days (0: none), and the transactions of those that can change no more, while this process
 * leads. Runs until the signal aborts.
 */
export async function keepRemovingOldOrders(
  { clock, log }: Pick<Ports, 'clock' | 'log'>,
  {
    retention,
    days,
    leads,
  }: { readonly retention: OrderRetention; readonly days: number; readonly leads: () => boolean },
  signal: AbortSignal,
): Promise<void> {
  await repeatEvery({ clock }, signal, REMOVE_EVERY_MS, async () => {
    if (!leads()) return;
    try {
      const departed = days > 0 ? await retention.removeOld(days, clock.now()) : [];
      for (const { orders } of departed) log.info({ orders, days }, 'old orders removed');
      await retention.forgetTransactions();
    } catch (error) {
      log.warn({ error }, 'removal of old data failed, retrying');
    }
  });
}
