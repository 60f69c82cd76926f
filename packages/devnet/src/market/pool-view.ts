import { readU64 } from '../pools/account-bytes.ts';
import { readDammLiquidity } from '../pools/meteora-damm-v2.ts';
import { readCpmmFeesOwed } from '../pools/raydium-cpmm.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The data of an account, or null. */
export type ReadAccount = (address: string) => Uint8Array | null;

/** What a trader sees of a pool: both venues look like x * y = k. Base units. */
export interface PoolView {
  readonly reserve0: bigint;
  readonly reserve1: bigint;
}

/** @returns Null when an account is missing or the pool is empty. */
export function viewPool(pool: PlacedPool, account: ReadAccount): PoolView | null {
  const state = account(pool.address);
  if (state === null) return null;
  const view = pool.kind === 'raydium-cpmm' ? viewCpmm(pool.parts, state, account) : viewDamm(state);
  return view === null || view.reserve0 <= 0n || view.reserve1 <= 0n ? null : view;
}

function viewCpmm(
  parts: { vault0: string; vault1: string },
  state: Uint8Array,
  account: ReadAccount,
): PoolView | null {
  const vault0 = account(parts.vault0);
  const vault1 = account(parts.vault1);
  if (vault0 === null || vault1 === null) return null;
  const { owed0, owed1 } = readCpmmFeesOwed(state);
  return { reserve0: readU64(vault0, 64) - owed0, reserve1: readU64(vault1, 64) - owed1 };
}

/** Over the full range a constant liquidity holds L / P of A and L * P of B. */
function viewDamm(state: Uint8Array): PoolView | null {
  const { liquidity, sqrtPrice } = readDammLiquidity(state);
  if (sqrtPrice === 0n) return null;
  return { reserve0: liquidity / sqrtPrice, reserve1: (liquidity * sqrtPrice) >> 128n };
}
