import type { Pool, SysvarClock } from '@oee/amm';
import type { Chain } from '../chain/chain.ts';
import type { AccountState } from '../chain/vm.ts';
import { kindOf } from '../market/kinds/pool-kinds.ts';
import type { PlacedPool } from '../market/placed-pool.ts';

/** A pool with the accounts that it was read from. */
interface ReadPool {
  readonly pool: Pool | null;
  readonly accounts: ReadonlyMap<string, AccountState | null>;
}

/** Pools as they were read last, since most have not changed when they are asked for again. */
const lastRead = new WeakMap<PlacedPool, ReadPool>();

/** Reads the current accounts of a pool; null if one is missing. */
export function readPoolState({ accounts }: Chain, placed: PlacedPool): Pool | null {
  const last = lastRead.get(placed);
  // An account that has not changed is the same object.
  const isCurrent = [...(last?.accounts ?? [])].every(([address, state]) => accounts.read(address) === state);
  if (last !== undefined && isCurrent) return last.pool;
  const seen = new Map<string, AccountState | null>();
  const account = (address: string) => {
    const state = accounts.read(address);
    seen.set(address, state);
    return state?.data ?? null;
  };
  const state = account(placed.address);
  const pool = state === null ? null : kindOf(placed).read(placed, state, account);
  lastRead.set(placed, { pool, accounts: seen });
  return pool;
}

/** The time that programs see in the next block is at most one slot later. */
export function chainClock({ history }: Chain): SysvarClock {
  const { slot, timeMs } = history.tip;
  return { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(timeMs / 1000)) };
}
