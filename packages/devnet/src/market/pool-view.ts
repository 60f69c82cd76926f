import type { PoolView, ReadAccount } from './kinds/pool-kind.ts';
import { kindOf } from './kinds/pool-kinds.ts';
import type { PlacedPool } from './placed-pool.ts';

/** @returns Null when an account is missing or the pool is empty. */
export function viewPool(pool: PlacedPool, account: ReadAccount): PoolView | null {
  const state = account(pool.address);
  if (state === null) return null;
  const view = kindOf(pool).view(pool, state, account);
  return view === null || view.reserve0 <= 0n || view.reserve1 <= 0n ? null : view;
}
