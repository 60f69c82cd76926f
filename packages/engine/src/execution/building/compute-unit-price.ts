import type { Instruction } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/** Above what got in lately, percent: where prices rise, they have risen until the transaction arrives. */
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
  // A node that does not say is no reason to let the order wait: it is tried at the configured price.
  const recent = await ports.chain.recentComputeUnitPrice([...new Set(written)]).catch(() => 0n);
  const wanted = (recent * HEADROOM_PERCENT + 99n) / 100n;
  if (wanted <= least) return least;
  return wanted < most ? wanted : most;
}
