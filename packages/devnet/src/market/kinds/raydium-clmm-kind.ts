import {
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  RAYDIUM_CLMM_PROGRAM,
  toRaydiumClmmPool,
} from '@oee/amm';
import { readClmmLiquidity } from '../../pools/clmm-state.ts';
import { createClmmSwap } from '../../pools/raydium-clmm.ts';
import { newClmmPool } from '../new-clmm-pool.ts';
import type { PoolKind } from './pool-kind.ts';

export const raydiumClmmKind: PoolKind<'raydium-clmm'> = {
  program: RAYDIUM_CLMM_PROGRAM,
  label: 'Raydium CLMM',
  legCost: { accounts: 19, bytes: 550 },

  layOut: ({ configIndex }, base, quote) => newClmmPool({ configIndex, base, quote }),

  /** As deep as a product with the liquidity at the price. */
  view(_, state) {
    const { liquidity, sqrtPrice } = readClmmLiquidity(state);
    if (sqrtPrice === 0n) return null;
    return { reserve0: (liquidity << 64n) / sqrtPrice, reserve1: (liquidity * sqrtPrice) >> 64n };
  },

  swap: ({ pool, amountIn, minAmountOut, ...wallet }) =>
    createClmmSwap({ addresses: pool.parts, ...wallet, amount: amountIn, threshold: minAmountOut }),

  vaults: ({ parts }) => [parts.vault0, parts.vault1],

  read({ parts }, state, account) {
    const [config, arrays] = [account(parts.config), Object.values(parts.tickArrays).map(account)];
    const tickArrays = arrays.flatMap((array) => (array === null ? [] : decodeRaydiumClmmTickArray(array)));
    if (config === null || tickArrays.length < arrays.length) return null;
    return toRaydiumClmmPool({
      pool: decodeRaydiumClmmPool(state),
      config: decodeRaydiumClmmConfig(config),
      tickArrays,
    });
  },
};
