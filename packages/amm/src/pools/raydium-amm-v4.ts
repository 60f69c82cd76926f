import { ceilDiv, mulDivCeil, requireU64, requireU128 } from '../integer.ts';
import type { ExactInRequest, ExactOutRequest, Rate, Swap, TokenIndex, TradingWindow } from '../swap.ts';
import { otherIndex } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';

/**
 * A Raydium AMM v4 pool (constant product; token 0 is coin, token 1 is pc).
 * Source of the formulas: raydium-io/raydium-amm, program/src/{math,processor}.rs (docs/routing.md).
 */
export interface RaydiumAmmV4Pool {
  readonly kind: 'raydium-amm-v4';
  /** Vault balances less the profit that is still to be withdrawn, base units. */
  readonly reserves: readonly [bigint, bigint];
  readonly swapFeeNumerator: bigint;
  readonly swapFeeDenominator: bigint;
  readonly window: TradingWindow;
}

/**
 * Exact-in swap: the fee on the input is rounded up, the output down.
 *
 * @throws {SwapRefused} Zero in, zero out, or a value over the program's width.
 */
export function swapAmmV4ExactIn(pool: RaydiumAmmV4Pool, request: ExactInRequest): Swap {
  const { inputIndex, amountIn } = request;
  requireU64(amountIn);
  if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
  const feeIn = mulDivCeil(amountIn, pool.swapFeeNumerator, pool.swapFeeDenominator);
  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  const netIn = amountIn - feeIn;
  const amountOut = requireU128(reserveOut * netIn) / (reserveIn + netIn);
  if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
  if (amountOut >= reserveOut) throw new SwapRefused('insufficient-liquidity');
  return { amountIn, amountOut, feeIn, feeOut: 0n };
}

/**
 * Exact-out swap: the input is rounded up, before and after the fee is added.
 *
 * @throws {SwapRefused} Zero out, more than the reserve, or a value over the program's width.
 */
export function swapAmmV4ExactOut(pool: RaydiumAmmV4Pool, request: ExactOutRequest): Swap {
  const { inputIndex, amountOut } = request;
  requireU64(amountOut);
  if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  if (amountOut >= reserveOut) throw new SwapRefused('insufficient-liquidity');
  const netIn = ceilDiv(requireU128(reserveIn * amountOut), reserveOut - amountOut);
  const netShare = pool.swapFeeDenominator - pool.swapFeeNumerator;
  if (netShare <= 0n) throw new SwapRefused('invalid-pool');
  const amountIn = requireU64(mulDivCeil(netIn, pool.swapFeeDenominator, netShare));
  return { amountIn, amountOut, feeIn: amountIn - netIn, feeOut: 0n };
}

/** Output per input of an infinitely small swap, after fees. */
export function ammV4SpotRate(pool: RaydiumAmmV4Pool, inputIndex: TokenIndex): Rate {
  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  return {
    numerator: reserveOut * (pool.swapFeeDenominator - pool.swapFeeNumerator),
    denominator: reserveIn * pool.swapFeeDenominator,
  };
}

function reservesOf(pool: RaydiumAmmV4Pool, inputIndex: TokenIndex) {
  const reserveIn = pool.reserves[inputIndex];
  const reserveOut = pool.reserves[otherIndex(inputIndex)];
  if (reserveIn <= 0n || reserveOut <= 0n) throw new SwapRefused('insufficient-liquidity');
  return { reserveIn, reserveOut };
}
