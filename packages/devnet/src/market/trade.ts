import type { SwapInstruction } from '../pools/swap-instruction.ts';
import type { PoolView } from './kinds/pool-kind.ts';
import type { PlacedPool } from './placed-pool.ts';
import { createPoolSwap } from './pool-swap.ts';
import type { TraderAccounts } from './traders.ts';

/** A swap that a trader of the market decided on. */
export interface Trade {
  readonly pool: PlacedPool;
  readonly view: PoolView;
  readonly trader: TraderAccounts;
  readonly isZeroForOne: boolean;
  /** Base units of the input token. */
  readonly amountIn: bigint;
}

const BASIS_POINTS = 10_000n;
/** A trade reverts when the price has moved this far since the trader read it. */
const SLIPPAGE_BPS = 100n;

export function createTradeInstruction(trade: Trade): SwapInstruction {
  const { pool, trader, isZeroForOne, amountIn } = trade;
  const account0 = trader.tokenAccounts.get(pool.mint0)!;
  const account1 = trader.tokenAccounts.get(pool.mint1)!;
  const userIn = isZeroForOne ? account0 : account1;
  const userOut = isZeroForOne ? account1 : account0;
  const minAmountOut = (estimateOut(trade) * (BASIS_POINTS - SLIPPAGE_BPS)) / BASIS_POINTS;
  return createPoolSwap({
    pool,
    isZeroForOne,
    payer: trader.address,
    userIn,
    userOut,
    amountIn,
    minAmountOut,
  });
}

/** Estimates the output, up to the fee's rounding and a dynamic fee: the traders' limit is wider than that error. */
function estimateOut({ pool, view, isZeroForOne, amountIn }: Trade): bigint {
  const net = (amountIn * (BASIS_POINTS - BigInt(pool.feeBps))) / BASIS_POINTS;
  const [reserveIn, reserveOut] = isZeroForOne
    ? [view.reserve0, view.reserve1]
    : [view.reserve1, view.reserve0];
  return (net * reserveOut) / (reserveIn + net);
}
