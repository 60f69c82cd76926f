import {
  type Clock,
  decodeMeteoraDammV2Pool,
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeRaydiumAmmConfig,
  decodeRaydiumAmmV4Pool,
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  decodeRaydiumCpmmPool,
  decodeTokenAccount,
  type Pool,
  toMeteoraDlmmPool,
  toRaydiumAmmV4Pool,
  toRaydiumClmmPool,
  toRaydiumCpmmPool,
} from '@oee/amm';
import type { Chain } from '../chain/chain.ts';
import type { PlacedPool } from '../market/placed-pool.ts';

/** Reads a pool's accounts as they are now; null where one is missing. */
export function readPoolState(chain: Chain, { kind, address, parts }: PlacedPool): Pool | null {
  const data = (at: string) => chain.vm.account(at)?.data ?? null;
  const pool = data(address);
  if (pool === null) return null;
  if (kind === 'meteora-damm-v2') return decodeMeteoraDammV2Pool(pool).pool;
  if (kind === 'meteora-dlmm') return readDlmm(pool, Object.values(parts.binArrays).map(data));
  if (kind === 'raydium-amm-v4') return readAmmV4(pool, [data(parts.coinVault), data(parts.pcVault)]);
  if (kind === 'raydium-clmm')
    return readClmm(pool, data(parts.config), Object.values(parts.tickArrays).map(data));
  const [config, vault0, vault1] = [data(parts.config), data(parts.vault0), data(parts.vault1)];
  if (config === null || vault0 === null || vault1 === null) return null;
  return toRaydiumCpmmPool({
    pool: decodeRaydiumCpmmPool(pool),
    config: decodeRaydiumAmmConfig(config),
    vaultAmounts: [decodeTokenAccount(vault0).amount, decodeTokenAccount(vault1).amount],
  });
}

function readAmmV4(
  pool: Uint8Array,
  [coinVault, pcVault]: readonly [Uint8Array | null, Uint8Array | null],
): Pool | null {
  if (coinVault === null || pcVault === null) return null;
  const vaultAmounts = [decodeTokenAccount(coinVault).amount, decodeTokenAccount(pcVault).amount] as const;
  return toRaydiumAmmV4Pool({ pool: decodeRaydiumAmmV4Pool(pool), vaultAmounts });
}

function readClmm(
  pool: Uint8Array,
  config: Uint8Array | null,
  arrays: readonly (Uint8Array | null)[],
): Pool | null {
  const tickArrays = arrays.flatMap((array) => (array === null ? [] : decodeRaydiumClmmTickArray(array)));
  if (config === null || tickArrays.length < arrays.length) return null;
  const parts = { pool: decodeRaydiumClmmPool(pool), config: decodeRaydiumClmmConfig(config), tickArrays };
  return toRaydiumClmmPool(parts);
}

function readDlmm(pool: Uint8Array, arrays: readonly (Uint8Array | null)[]): Pool | null {
  const binArrays = arrays.flatMap((array) => (array === null ? [] : decodeMeteoraDlmmBinArray(array)));
  if (binArrays.length < arrays.length) return null; // What the instruction names has to be there.
  return toMeteoraDlmmPool({ pool: decodeMeteoraDlmmPool(pool), binArrays });
}

/** The time that programs see in the next block is at most one slot later. */
export function chainClock({ history }: Chain): Clock {
  const { slot, timeMs } = history.tip;
  return { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(timeMs / 1000)) };
}
