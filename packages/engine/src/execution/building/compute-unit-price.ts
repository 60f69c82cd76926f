import type { Instruction } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/** Margin above the recently accepted price, percent: rising prices rise further until the transaction arrives. */
const HEADROOM_PERCENT = 150n;

/**
 * What a transaction with these instructions offers for a compute unit, micro-lamports: the configured price, or more
 * where the accounts that it writes cost more now, up to the configured ceiling.
 */
export async function computeUnitPrice(ports: Ports, instructions: readonly Instruction[]): Promise<bigint> {
  const { computeUnitPriceMicroLamports: least, maxComputeUnitPriceMicroLamports: most } = ports.limits;
  if (!ports.chain.recentComputeUnitPrice || most <= least) return least;
  const written = instructions.flatMap(({ accounts }) =>
    accounts.filter(({ writable }) => writable).map(({ address }) => address),
  );
  // If no node reports a price, the order continues at the configured price.
  const recent = await ports.chain.recentComputeUnitPrice([...new Set(written)]).catch(() => 0n);
  const wanted = (recent * HEADROOM_PERCENT + 99n) / 100n;
  if (wanted <= least) return least;
  return wanted < most ? wanted : most;
}
