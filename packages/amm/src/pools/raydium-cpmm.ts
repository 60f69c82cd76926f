import { ceilDiv, mulDivCeil, mulDivFloor, requireU64, requireU128 } from '../integer.ts';
import type { ExactInRequest, ExactOutRequest, Rate, Swap, TokenIndex, TradingWindow } from '../swap.ts';
import { otherIndex } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';

const RATE_DENOMINATOR = 1_000_000n;

/**
 * A Raydium CPMM pool (constant product).
 * Source of the formulas: raydium-io/raydium-cp-swap, programs/cp-swap/src/curve (docs/routing.md).
 */
export interface RaydiumCpmmPool {
  readonly kind: 'raydium-cpmm';
  /** Vault balances less all fees owed to protocol, fund and creator, base units. */
  readonly reserves: readonly [bigint, bigint];
  /** All rates per 1,000,000. */
  readonly tradeFeeRate: bigint;
  /** Share of the trade fee. */
  readonly protocolFeeRate: bigint;
  /** Share of the trade fee. */
  readonly fundFeeRate: bigint;
  /** Zero where the pool has no creator fee. */
  readonly creatorFeeRate: bigint;
  readonly creatorFeeOn: 'input' | 'token0' | 'token1';
  readonly window: TradingWindow;
}

export interface RaydiumCpmmSwap extends Swap {
  /** Of the input token; `protocolFee` and `fundFee` are parts of it. */
  readonly tradeFee: bigint;
  readonly protocolFee: bigint;
  readonly fundFee: bigint;
  readonly creatorFee: bigint;
  readonly creatorFeeSide: 'input' | 'output';
}

/**
 * Exact-in swap. The fee on the input is rounded up once, trade and creator fee together; the output is rounded down.
 *
 * @throws {SwapRefused} Zero in, zero out, or a value over the program's width.
 */
export function swapCpmmExactIn(pool: RaydiumCpmmPool, request: ExactInRequest): RaydiumCpmmSwap {
  const { inputIndex, amountIn } = request;
  requireU64(amountIn);
  if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
  const creatorFeeSide = creatorFeeSideOf(pool, inputIndex);
  requireInputFee(pool, creatorFeeSide);
  const inputRate = inputFeeRate(pool, inputIndex);
  const totalInputFee = mulDivCeil(amountIn, inputRate, RATE_DENOMINATOR);
  const netIn = amountIn - totalInputFee;
  if (netIn < 0n) throw new SwapRefused('math-overflow');

  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  const grossOut = requireU128(netIn * reserveOut) / (reserveIn + netIn);
  const creatorFeeOut =
    creatorFeeSide === 'output' ? mulDivCeil(grossOut, pool.creatorFeeRate, RATE_DENOMINATOR) : 0n;
  const amountOut = grossOut - creatorFeeOut;
  if (amountOut <= 0n) throw new SwapRefused('zero-amount-out');
  return describe(pool, { creatorFeeSide, amountIn, amountOut, totalInputFee, creatorFeeOut });
}

/**
 * Exact-out swap. The input is rounded up, before and after the fee is added.
 *
 * @throws {SwapRefused} Zero out, more than the reserve, or a value over the program's width.
 */
export function swapCpmmExactOut(pool: RaydiumCpmmPool, request: ExactOutRequest): RaydiumCpmmSwap {
  const { inputIndex, amountOut } = request;
  requireU64(amountOut);
  if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
  const creatorFeeSide = creatorFeeSideOf(pool, inputIndex);
  requireInputFee(pool, creatorFeeSide);
  const grossOut = creatorFeeSide === 'output' ? beforeFee(amountOut, pool.creatorFeeRate) : amountOut;

  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  if (grossOut >= reserveOut) throw new SwapRefused('insufficient-liquidity');
  const netIn = ceilDiv(requireU128(reserveIn * grossOut), reserveOut - grossOut);
  const amountIn = requireU64(beforeFee(netIn, inputFeeRate(pool, inputIndex)));
  if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
  const creatorFeeOut = grossOut - amountOut;
  return describe(pool, {
    creatorFeeSide,
    amountIn,
    amountOut,
    totalInputFee: amountIn - netIn,
    creatorFeeOut,
  });
}

/** Output per input of an infinitely small swap, after fees. */
export function cpmmSpotRate(pool: RaydiumCpmmPool, inputIndex: TokenIndex): Rate {
  const { reserveIn, reserveOut } = reservesOf(pool, inputIndex);
  const outputRate = creatorFeeSideOf(pool, inputIndex) === 'output' ? pool.creatorFeeRate : 0n;
  return {
    numerator:
      reserveOut * (RATE_DENOMINATOR - inputFeeRate(pool, inputIndex)) * (RATE_DENOMINATOR - outputRate),
    denominator: reserveIn * RATE_DENOMINATOR * RATE_DENOMINATOR,
  };
}

function describe(
  pool: RaydiumCpmmPool,
  moved: {
    creatorFeeSide: 'input' | 'output';
    amountIn: bigint;
    amountOut: bigint;
    totalInputFee: bigint;
    creatorFeeOut: bigint;
  },
): RaydiumCpmmSwap {
  const { creatorFeeSide, amountIn, amountOut, totalInputFee, creatorFeeOut } = moved;
  const jointRate = pool.tradeFeeRate + pool.creatorFeeRate;
  const creatorFeeIn =
    creatorFeeSide === 'input' ? mulDivFloor(totalInputFee, pool.creatorFeeRate, jointRate) : 0n;
  const tradeFee = totalInputFee - creatorFeeIn;
  return {
    amountIn,
    amountOut,
    feeIn: totalInputFee,
    feeOut: creatorFeeOut,
    tradeFee,
    protocolFee: mulDivFloor(tradeFee, pool.protocolFeeRate, RATE_DENOMINATOR),
    fundFee: mulDivFloor(tradeFee, pool.fundFeeRate, RATE_DENOMINATOR),
    creatorFee: creatorFeeIn + creatorFeeOut,
    creatorFeeSide,
  };
}

function reservesOf(pool: RaydiumCpmmPool, inputIndex: TokenIndex) {
  const reserveIn = pool.reserves[inputIndex];
  const reserveOut = pool.reserves[otherIndex(inputIndex)];
  if (reserveIn <= 0n || reserveOut <= 0n) throw new SwapRefused('insufficient-liquidity');
  return { reserveIn, reserveOut };
}

/** The program splits the fee on the input by the two rates, and fails where both are zero. */
function requireInputFee(pool: RaydiumCpmmPool, creatorFeeSide: 'input' | 'output'): void {
  if (creatorFeeSide === 'input' && pool.tradeFeeRate + pool.creatorFeeRate === 0n)
    throw new SwapRefused('invalid-pool', 'it has no fee to share between its trade and its creator fee');
}

function creatorFeeSideOf(pool: RaydiumCpmmPool, inputIndex: TokenIndex): 'input' | 'output' {
  if (pool.creatorFeeOn === 'input') return 'input';
  return (pool.creatorFeeOn === 'token0') === (inputIndex === 0) ? 'input' : 'output';
}

function inputFeeRate(pool: RaydiumCpmmPool, inputIndex: TokenIndex): bigint {
  const isCreatorFeeOnInput = creatorFeeSideOf(pool, inputIndex) === 'input';
  return pool.tradeFeeRate + (isCreatorFeeOnInput ? pool.creatorFeeRate : 0n);
}

function beforeFee(amount: bigint, rate: bigint): bigint {
  if (rate === 0n) return amount;
  if (rate >= RATE_DENOMINATOR) throw new SwapRefused('invalid-pool');
  return mulDivCeil(amount, RATE_DENOMINATOR, RATE_DENOMINATOR - rate);
}
