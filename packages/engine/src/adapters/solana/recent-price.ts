import { agreedNumber } from './agreed-number.ts';
import { toFields, toList, toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

const MAX_ACCOUNTS = 128; // The RPC's own limit.
const NEWEST_SLOTS = 10;

/**
 * The recent price of a compute unit for transactions that write these accounts, in micro-lamports: the highest of the
 * lowest accepted prices in the newest slots. Among several nodes the lowest answer counts.
 *
 * @throws {ChainUnavailable} No node answered.
 */
export async function recentComputeUnitPrice(
  rpcs: readonly Rpc[],
  accounts: readonly string[],
): Promise<bigint> {
  return (await agreedNumber(rpcs, (rpc) => priceAt(rpc, accounts))).lowest;
}

async function priceAt(rpc: Rpc, accounts: readonly string[]): Promise<bigint> {
  const params = [accounts.slice(0, MAX_ACCOUNTS)];
  const slots = await rpc.call('getRecentPrioritizationFees', params, (result) =>
    toList(result).map((one) => {
      const { slot, prioritizationFee } = toFields(one);
      return { slot: toU64(slot), price: toU64(prioritizationFee) };
    }),
  );
  const newestFirst = slots.toSorted((a, b) => (a.slot < b.slot ? 1 : -1));
  let highest = 0n;
  for (const { price } of newestFirst.slice(0, NEWEST_SLOTS)) if (price > highest) highest = price;
  return highest;
}
