import { readU64 } from '../pools/account-bytes.ts';
import { readClmmLiquidity } from '../pools/clmm-state.ts';
import type { DlmmAddresses } from '../pools/dlmm-state.ts';
import { readDammLiquidity } from '../pools/meteora-damm-v2.ts';
import { readDlmmActiveBin } from '../pools/meteora-dlmm.ts';
import { readAmmV4ProfitOwed } from '../pools/raydium-amm-v4.ts';
import { readCpmmFeesOwed } from '../pools/raydium-cpmm.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The data of an account, or null. */
export type ReadAccount = (address: string) => Uint8Array | null;

/** What a trader sees of a pool: all look like x * y = k, near their price. Base units. */
export interface PoolView {
  readonly reserve0: bigint;
  readonly reserve1: bigint;
}

/** @returns Null when an account is missing or the pool is empty. */
export function viewPool(pool: PlacedPool, account: ReadAccount): PoolView | null {
  const state = account(pool.address);
  if (state === null) return null;
  const view = viewOf(pool, state, account);
  return view === null || view.reserve0 <= 0n || view.reserve1 <= 0n ? null : view;
}

function viewOf(pool: PlacedPool, state: Uint8Array, account: ReadAccount): PoolView | null {
  if (pool.kind === 'raydium-cpmm') return viewCpmm(pool.parts, state, account);
  if (pool.kind === 'raydium-clmm') return viewClmm(state);
  if (pool.kind === 'raydium-amm-v4') return viewAmmV4(pool.parts, state, account);
  return pool.kind === 'meteora-dlmm' ? viewDlmm(pool.parts, state, account) : viewDamm(state);
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

function viewAmmV4(
  parts: { coinVault: string; pcVault: string },
  state: Uint8Array,
  account: ReadAccount,
): PoolView | null {
  const [coinVault, pcVault] = [account(parts.coinVault), account(parts.pcVault)];
  if (coinVault === null || pcVault === null) return null;
  const owed = readAmmV4ProfitOwed(state);
  return { reserve0: readU64(coinVault, 64) - owed.coin, reserve1: readU64(pcVault, 64) - owed.pc };
}

/** As deep as a product with the liquidity at the price. */
function viewClmm(state: Uint8Array): PoolView | null {
  const { liquidity, sqrtPrice } = readClmmLiquidity(state);
  if (sqrtPrice === 0n) return null;
  return { reserve0: (liquidity << 64n) / sqrtPrice, reserve1: (liquidity * sqrtPrice) >> 64n };
}

/** Over the full range a constant liquidity holds L / P of A and L * P of B; over less it trades as if it did. */
function viewDamm(state: Uint8Array): PoolView | null {
  const { liquidity, sqrtPrice } = readDammLiquidity(state);
  if (sqrtPrice === 0n) return null;
  return { reserve0: liquidity / sqrtPrice, reserve1: (liquidity * sqrtPrice) >> 128n };
}

/**
 * As much worth lies in the active bin as a product moves over the price of one bin: x * y = k with
 * y = 2 * worth / step is as deep here. The price is the bin's, up to the share of Y in it.
 */
function viewDlmm(parts: DlmmAddresses, state: Uint8Array, account: ReadAccount): PoolView | null {
  const bin = readDlmmActiveBin(state, parts, account);
  if (bin === null) return null;
  const worthOfX = (bin.price * bin.x) >> 64n;
  const worth = worthOfX + bin.y;
  if (worth === 0n) return null;
  const step = BigInt(bin.binStep);
  const reserve1 = (2n * worth * 10_000n) / step;
  // Half a step above the bin's price when it holds only Y, half a step below when only X.
  const shift = 20_000n + (step * (bin.y - worthOfX)) / worth;
  const price = (bin.price * shift) / 20_000n;
  return { reserve0: (reserve1 << 64n) / price, reserve1 };
}
