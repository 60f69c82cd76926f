import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  METEORA_DLMM_PROGRAM,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { createDlmmSwap, readDlmmActiveBin } from '../../pools/meteora-dlmm.ts';
import { newDlmmPool } from '../new-dlmm-pool.ts';
import type { PoolKind } from './pool-kind.ts';

export const meteoraDlmmKind: PoolKind<'meteora-dlmm'> = {
  program: METEORA_DLMM_PROGRAM,
  label: 'Meteora DLMM',
  legCost: { accounts: 18, bytes: 380 },

  layOut: (pool, base, quote) => newDlmmPool({ ...pool, base, quote }),

  /**
   * The active bin holds as much value as a constant product moves over the price range of one bin: x * y = k with y =
   * 2 * worth / step is as deep here. The price is the bin's, adjusted by the share of Y in it.
   */
  view({ parts }, state, account) {
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
  },

  swap: ({ pool, isZeroForOne, amountIn, minAmountOut, ...wallet }) =>
    createDlmmSwap({
      addresses: pool.parts,
      isXToY: isZeroForOne,
      ...wallet,
      first: amountIn,
      second: minAmountOut,
    }),

  vaults: ({ parts }) => [parts.vaultX, parts.vaultY],

  read({ parts }, state, account) {
    const arrays = Object.values(parts.binArrays).map(account);
    const binArrays = arrays.flatMap((array) => (array === null ? [] : decodeMeteoraDlmmBinArray(array)));
    if (binArrays.length < arrays.length) return null; // Every account that the instruction names must exist.
    return toMeteoraDlmmPool({ pool: decodeMeteoraDlmmPool(state), binArrays });
  },
};
