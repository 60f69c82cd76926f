import { createDammSwap } from '../pools/meteora-damm-v2-swap.ts';
import { createDlmmSwap } from '../pools/meteora-dlmm.ts';
import { createAmmV4Swap } from '../pools/raydium-amm-v4.ts';
import { createClmmSwap } from '../pools/raydium-clmm.ts';
import { createCpmmSwap } from '../pools/raydium-cpmm.ts';
import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { PlacedPool } from './placed-pool.ts';

/** The pool's own instruction for exactly `amountIn` in and at least `minAmountOut` out. */
export function createPoolSwap(swap: {
  pool: PlacedPool;
  isZeroForOne: boolean;
  payer: string;
  userIn: string;
  userOut: string;
  amountIn: bigint;
  minAmountOut: bigint;
}): SwapInstruction {
  const { pool, isZeroForOne, payer, userIn, userOut, amountIn, minAmountOut } = swap;
  const wallet = { payer, userIn, userOut };
  if (pool.kind === 'raydium-cpmm')
    return createCpmmSwap({ addresses: pool.parts, isZeroForOne, ...wallet, amountIn, minAmountOut });
  if (pool.kind === 'raydium-clmm')
    return createClmmSwap({
      addresses: pool.parts,
      isZeroForOne,
      ...wallet,
      amount: amountIn,
      threshold: minAmountOut,
    });
  if (pool.kind === 'raydium-amm-v4')
    return createAmmV4Swap({ addresses: pool.parts, ...wallet, first: amountIn, second: minAmountOut });
  if (pool.kind === 'meteora-dlmm')
    return createDlmmSwap({
      addresses: pool.parts,
      isXToY: isZeroForOne,
      ...wallet,
      first: amountIn,
      second: minAmountOut,
    });
  return createDammSwap({ addresses: pool.parts, ...wallet, amount0: amountIn, amount1: minAmountOut });
}
