import type { Instruction } from '../../ports/chain.ts';
import type { WithMarket } from '../market/market-watch.ts';

/** Margin above the recently accepted price, percent: rising prices rise further until the transaction arrives. */
const HEADROOM_PERCENT = 150n;

/**
 * The accounts that these instructions write and that others write too, each once. The wallet's own accounts are left out:
 * only its own transactions write them, so their price would follow what the engine itself offered last.
 */
export function contendedAccounts(
  instructions: readonly Instruction[],
  own: ReadonlySet<string>,
): readonly string[] {
  const written = instructions.flatMap(({ accounts }) =>
    accounts.filter(({ address, writable }) => writable && !own.has(address)).map(({ address }) => address),
  );
  return [...new Set(written)];
}

/**
 * What a transaction offers for a compute unit, micro-lamports: the configured price, or more where the accounts that it
 * writes cost more now, up to the configured ceiling. Orders that write the same accounts share readings.
 *
 * @param contended Of `contendedAccounts`.
 */
export async function computeUnitPrice(
  { chain, clock, limits, market }: WithMarket,
  contended: readonly string[],
): Promise<bigint> {
  const { computeUnitPriceMicroLamports: least, maxComputeUnitPriceMicroLamports: most } = limits;
  const recentPrice = chain.recentComputeUnitPrice;
  if (!recentPrice || most <= least) return least;
  const read = () => recentPrice(contended);
  // If no node reports a price, the order continues at the configured price.
  const recent = await market.unitPrices
    .read(contended.toSorted().join(), clock.moment(), read)
    .catch(() => 0n);
  const wanted = (recent * HEADROOM_PERCENT + 99n) / 100n;
  if (wanted <= least) return least;
  return wanted < most ? wanted : most;
}
