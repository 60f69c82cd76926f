import { minOf, mulDivCeil, requireU64, requireU128, shiftRightCeil } from '../integer.ts';
import { SwapRefused } from '../swap-refused.ts';
import { CLMM_FEE_DENOMINATOR, feeOnTop, type SwapMode } from './clmm-step.ts';

/** The fill of limit orders, which rest on a tick and trade at its price: raydium-clmm, states/tick_array.rs. */
export interface OrderMatch {
  /** Without a fee on the input. */
  readonly amountIn: bigint;
  /** After a fee on the output. */
  readonly amountOut: bigint;
  readonly fee: bigint;
  /** Unfilled orders on the tick after the match. */
  readonly unfilled: bigint;
}

export function matchLimitOrders(
  from: { unfilled: bigint; remaining: bigint; feeRate: bigint; sqrtPrice: bigint },
  mode: SwapMode,
): OrderMatch {
  const { unfilled, remaining, feeRate } = from;
  if (remaining === 0n || unfilled === 0n) return { amountIn: 0n, amountOut: 0n, fee: 0n, unfilled };
  const square = from.sqrtPrice * from.sqrtPrice;
  const price = requireU128(mode.isZeroForOne ? square >> 64n : shiftRightCeil(square, 64n));
  const matched = mode.isExactIn
    ? matchInput(from, price, mode)
    : matchOutput({ unfilled, remaining, feeRate }, price, mode);
  const left = unfilled - matched.gross;
  if (mode.isFeeOnInput) {
    return { amountIn: matched.amountIn, amountOut: matched.gross, fee: matched.feeIn, unfilled: left };
  }
  const fee = mulDivCeil(matched.gross, feeRate, CLMM_FEE_DENOMINATOR);
  return { amountIn: matched.amountIn, amountOut: matched.gross - fee, fee, unfilled: left };
}

function matchInput(
  from: { unfilled: bigint; remaining: bigint; feeRate: bigint },
  price: bigint,
  mode: SwapMode,
) {
  const { unfilled, remaining, feeRate } = from;
  const feeIn = mode.isFeeOnInput ? mulDivCeil(remaining, feeRate, CLMM_FEE_DENOMINATOR) : 0n;
  const amountIn = remaining - feeIn;
  if (price === 0n) throw new SwapRefused('math-overflow');
  const gross = requireU128(mode.isZeroForOne ? (amountIn * price) >> 64n : (amountIn << 64n) / price);
  if (gross <= unfilled) return { amountIn, gross, feeIn };
  const needed = inputFor(unfilled, price, mode);
  return { amountIn: needed, gross: unfilled, feeIn: mode.isFeeOnInput ? feeOnTop(needed, feeRate) : 0n };
}

function matchOutput(
  from: { unfilled: bigint; remaining: bigint; feeRate: bigint },
  price: bigint,
  mode: SwapMode,
) {
  const { unfilled, remaining, feeRate } = from;
  const net = minOf(remaining, unfilled);
  const gross = mode.isFeeOnInput
    ? net
    : minOf(requireU64(mulDivCeil(net, CLMM_FEE_DENOMINATOR, CLMM_FEE_DENOMINATOR - feeRate)), unfilled);
  const amountIn = inputFor(gross, price, mode);
  return { amountIn, gross, feeIn: mode.isFeeOnInput ? feeOnTop(amountIn, feeRate) : 0n };
}

function inputFor(out: bigint, price: bigint, mode: SwapMode): bigint {
  if (price === 0n) throw new SwapRefused('math-overflow');
  return requireU64(mode.isZeroForOne ? mulDivCeil(out, 1n << 64n, price) : shiftRightCeil(out * price, 64n));
}
