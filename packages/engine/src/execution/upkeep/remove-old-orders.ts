import type { OrderRetention } from '../../ports/order-retention.ts';
import type { Ports } from '../ports.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';

const REMOVE_EVERY_MS = 60_000;

/** Removes orders that are older than so many days, while this process leads. Runs until the signal aborts. */
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
      for (const { orders } of await retention.removeOld(days, clock.now()))
        log.info({ orders, days }, 'old orders removed');
    } catch (error) {
      log.warn({ error }, 'removal of old orders failed, retrying');
    }
  });
}
