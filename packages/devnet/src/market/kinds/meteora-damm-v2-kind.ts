import { decodeMeteoraDammV2Pool, METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { readDammLiquidity, readDammReserves } from '../../pools/meteora-damm-v2.ts';
import { createDammSwap } from '../../pools/meteora-damm-v2-swap.ts';
import { newDammPool } from '../new-pool.ts';
import type { PoolKind } from './pool-kind.ts';

const STATUS_OFFSET = 481;
const DISABLED = 1;

export const meteoraDammV2Kind: PoolKind<'meteora-damm-v2'> = {
  program: METEORA_DAMM_V2_PROGRAM,
  label: 'Meteora DAMM v2',
  legCost: { accounts: 13, bytes: 280 },

  layOut: ({ feeBps, collectFeeMode, dynamicFee }, base, quote) =>
    newDammPool({ feeBps, collectFeeMode, base, quote, ...(dynamicFee && { dynamicFee }) }),

  /**
   * Constant liquidity over the full range has reserves of L / P of A and L * P of B; a narrower range trades like
   * these.
   */
  view(_, state) {
    const { liquidity, sqrtPrice } = readDammLiquidity(state);
    if (sqrtPrice === 0n) return null;
    return { reserve0: liquidity / sqrtPrice, reserve1: (liquidity * sqrtPrice) >> 128n };
  },

  // The wallet's accounts determine the direction.
  swap: ({ pool, amountIn, minAmountOut, payer, userIn, userOut }) =>
    createDammSwap({
      addresses: pool.parts,
      ...{ payer, userIn, userOut },
      amount0: amountIn,
      amount1: minAmountOut,
    }),

  vaults: ({ parts }) => [parts.vaultA, parts.vaultB],

  read: (_, state) => decodeMeteoraDammV2Pool(state).pool,

  launch: {
    movesTo: 'raydium-cpmm',
    open: (sides, { rangePercent, opens }) =>
      newDammPool({
        feeBps: 25,
        collectFeeMode: 1,
        ...sides,
        rangePercent,
        ...(opens && { activationSlot: BigInt(opens.slot) }),
      }),
    movable(state, { reserve0, reserve1 }) {
      const { tokenAAmount: a, tokenBAmount: b } = readDammReserves(state);
      return a * reserve1 < b * reserve0 ? [a, (a * reserve1) / reserve0] : [(b * reserve0) / reserve1, b];
    },
    closedFlag: { offset: STATUS_OFFSET, bits: DISABLED },
  },
};
