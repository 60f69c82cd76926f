import type { Pool, SysvarClock } from '@oee/amm';
import type { Chain } from '../chain/chain.ts';
import { kindOf } from '../market/kinds/pool-kinds.ts';
import type { PlacedPool } from '../market/placed-pool.ts';

/** Reads the current accounts of a pool; null if one is missing. */
export function readPoolState(chain: Chain, pool: PlacedPool): Pool | null {
  const account = (at: string) => chain.accounts.read(at)?.data ?? null;
  const state = account(pool.address);
  return state === null ? null : kindOf(pool).read(pool, state, account);
}

/** The time that programs see in the next block is at most one slot later. */
export function chainClock({ history }: Chain): SysvarClock {
  const { slot, timeMs } = history.tip;
  return { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(timeMs / 1000)) };
}
