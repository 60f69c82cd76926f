import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { PoolSwap } from './kinds/pool-kind.ts';
import { kindOf } from './kinds/pool-kinds.ts';

/** The pool's own instruction for exactly `amountIn` in and at least `minAmountOut` out. */
export const createPoolSwap = (swap: PoolSwap): SwapInstruction => kindOf(swap.pool).swap(swap);
