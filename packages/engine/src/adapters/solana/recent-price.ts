import { agreedNumber } from './agreed-number.ts';
import { toFields, toList, toU64 } from './exact-json.ts';
import type { Rpc } from './rpc.ts';

const MAX_ACCOUNTS = 128; // The RPC's own limit.
const NEWEST_SLOTS = 10;

/**
 * What a compute unit cost lately for transactions that write these accounts, micro-lamports: the highest of what got
 * into one of the newest blocks at least. Of several nodes the one that says least is believed.
 *
 * @throws {ChainUnavailable} No node could be asked.
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
