import { repeatEvery } from '../waiting/repeat-every.ts';
import type { WithRehearsals } from './rehearsals.ts';

const PAUSE_MS = 1_000;
/** Most orders write the accounts of a few pools. */
const MOST_PRICES = 4;

/**
 * Reads what each swap needs from a node, a blockhash, prices of compute units and the wallet, before the next order asks for
 * it. Reads nothing when no order came for ten minutes. Runs until the signal aborts.
 */
export async function keepReady(
  { clock, market, rehearsals }: WithRehearsals,
  signal: AbortSignal,
): Promise<void> {
  await repeatEvery({ clock }, signal, PAUSE_MS, async () => {
    const now = clock.moment();
    market.blockhashes.renew(now, 1);
    market.unitPrices.renew(now, MOST_PRICES);
    await rehearsals.readWallet();
  });
}
