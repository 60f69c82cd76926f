import type { SysvarClock } from '../clock.ts';
import { ceilDiv, mulDivCeil, mulDivFloor, requireU64, requireU128, shiftRightCeil } from '../integer.ts';
import type {
  ExactInRequest,
  ExactOutRequest,
  PartialFillRequest,
  Rate,
  Swap,
  TokenIndex,
  TradingWindow,
} from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';
import { type DammV2FeeFields, dammV2FeeNumerator, FEE_DENOMINATOR } from './meteora-damm-v2-fee.ts';

/** The token that pays the fee: always the output; token B only; token B only, with a share returned to the pool. */
type CollectFeeMode = 'output' | 'token-b' | 'compounding';

/**
 * A Meteora DAMM v2 pool: one range of concentrated liquidity, or x*y = k when it compounds.
 * Prices are the square root of B per A in Q64.64; liquidity is scaled so that B = liquidity * price difference / 2^128.
 */
export interface MeteoraDammV2Pool extends DammV2FeeFields {
  readonly kind: 'meteora-damm-v2';
  readonly sqrtMinPrice: bigint;
  readonly sqrtMaxPrice: bigint;
  readonly liquidity: bigint;
  readonly collectFeeMode: CollectFeeMode;
  /** Reserves as the pool tracks them; the curve of compounding pools, informative otherwise. */
  readonly reserves: readonly [bigint, bigint];
  readonly protocolFeePercent: bigint;
  readonly compoundingFeeBps: bigint;
  readonly window: TradingWindow;
}

export interface MeteoraDammV2Swap extends Swap {
  readonly feeSide: 'input' | 'output';
  /** The whole fee and its three shares, base units of the fee's token. */
  readonly fee: bigint;
  readonly protocolFee: bigint;
  readonly compoundingFee: bigint;
  readonly claimingFee: bigint;
  /** Null for compounding pools, whose price follows their reserves. */
  readonly nextSqrtPrice: bigint | null;
}

/**
 * Exact-in swap. Unlike the other programs, this one executes a swap whose output is zero.
 *
 * @throws {SwapRefused} Zero in, a price outside the pool's range, or a value over the program's width.
 */
export function swapDammV2ExactIn(pool: MeteoraDammV2Pool, request: ExactInRequest): MeteoraDammV2Swap {
  const { inputIndex, amountIn, clock } = request;
  requireU64(amountIn);
  if (amountIn === 0n) throw new SwapRefused('zero-amount-in');
  const feeSide = dammV2FeeSide(pool, inputIndex);
  const numerator = dammV2FeeNumerator(pool, amountIn, { inputIndex, clock, isIncluded: true });

  const feeIn = feeSide === 'input' ? mulDivCeil(amountIn, numerator, FEE_DENOMINATOR) : 0n;
  const { grossOut, nextSqrtPrice } = curveOut(pool, inputIndex, amountIn - feeIn);
  const feeOut = feeSide === 'output' ? mulDivCeil(grossOut, numerator, FEE_DENOMINATOR) : 0n;
  return describe(pool, { amountIn, amountOut: grossOut - feeOut, feeIn, feeOut, feeSide, nextSqrtPrice });
}

/**
 * As exact in, but stops at the end of the pool's price range: `amountIn` of the answer is the amount taken.
 *
 * @throws {SwapRefused} Zero in, a price outside the pool's range or at its end, or a value over the program's width.
 */
export function swapDammV2PartialFill(
  pool: MeteoraDammV2Pool,
  request: PartialFillRequest,
): MeteoraDammV2Swap {
  const { inputIndex, amountIn: mostIn, clock } = request;
  requireU64(mostIn);
  if (mostIn === 0n) throw new SwapRefused('zero-amount-in');
  if (pool.collectFeeMode === 'compounding') return swapDammV2ExactIn(pool, request); // Its price range has no end.
  const feeSide = dammV2FeeSide(pool, inputIndex);
  const numerator = dammV2FeeNumerator(pool, mostIn, { inputIndex, clock, isIncluded: true });
  const netIn = feeSide === 'input' ? mostIn - mulDivCeil(mostIn, numerator, FEE_DENOMINATOR) : mostIn;
  const end = inputIndex === 0 ? pool.sqrtMinPrice : pool.sqrtMaxPrice;
  const room = roomTo(pool, inputIndex, end);
  if (netIn < room) return swapDammV2ExactIn(pool, request);

  const amountIn =
    netIn === room
      ? mostIn
      : feeSide === 'input'
        ? withFee(room, dammV2FeeNumerator(pool, room, { inputIndex, clock, isIncluded: false }))
        : room;
  if (amountIn === 0n) throw new SwapRefused('price-out-of-range');
  const grossOut = outputTo(pool, inputIndex, end);
  const feeOut = feeSide === 'output' ? mulDivCeil(grossOut, numerator, FEE_DENOMINATOR) : 0n;
  const fees = { feeIn: amountIn - room, feeOut };
  return describe(pool, { amountIn, amountOut: grossOut - feeOut, ...fees, feeSide, nextSqrtPrice: end });
}

/** The input that moves the price to the end of the pool's range. */
function roomTo(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, end: bigint): bigint {
  if (pool.sqrtPrice === 0n || end === 0n || pool.liquidity === 0n)
    throw new SwapRefused('insufficient-liquidity');
  inRange(pool, pool.sqrtPrice);
  return inputTo(pool, inputIndex, end);
}

/**
 * Exact-out swap.
 *
 * @throws {SwapRefused} Zero out, more than the pool holds, a price outside its range, or a value over the program's width.
 */
export function swapDammV2ExactOut(pool: MeteoraDammV2Pool, request: ExactOutRequest): MeteoraDammV2Swap {
  const { inputIndex, amountOut, clock } = request;
  requireU64(amountOut);
  if (amountOut === 0n) throw new SwapRefused('zero-amount-out');
  const feeSide = dammV2FeeSide(pool, inputIndex);
  const context = { inputIndex, clock, isIncluded: false };

  const grossOut =
    feeSide === 'output' ? withFee(amountOut, dammV2FeeNumerator(pool, amountOut, context)) : amountOut;
  const { netIn, nextSqrtPrice } = curveIn(pool, inputIndex, grossOut);
  const amountIn = feeSide === 'input' ? withFee(netIn, dammV2FeeNumerator(pool, netIn, context)) : netIn;
  const fees = { feeIn: amountIn - netIn, feeOut: grossOut - amountOut };
  return describe(pool, { amountIn, amountOut, ...fees, feeSide, nextSqrtPrice });
}

export function dammV2FeeSide(pool: MeteoraDammV2Pool, inputIndex: TokenIndex): 'input' | 'output' {
  return pool.collectFeeMode !== 'output' && inputIndex === 1 ? 'input' : 'output';
}

/** Output per input of an infinitely small swap, after fees. */
export function dammV2SpotRate(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, clock: SysvarClock): Rate {
  const fee = dammV2FeeNumerator(pool, 0n, { inputIndex, clock, isIncluded: true });
  const [a, b] =
    pool.collectFeeMode === 'compounding' ? pool.reserves : [1n << 128n, pool.sqrtPrice * pool.sqrtPrice];
  const [reserveIn, reserveOut] = inputIndex === 0 ? [a, b] : [b, a];
  return { numerator: reserveOut * (FEE_DENOMINATOR - fee), denominator: reserveIn * FEE_DENOMINATOR };
}

function describe(
  pool: MeteoraDammV2Pool,
  moved: Swap & { feeSide: 'input' | 'output'; nextSqrtPrice: bigint | null },
): MeteoraDammV2Swap {
  const fee = moved.feeIn + moved.feeOut;
  const protocolFee = mulDivFloor(fee, pool.protocolFeePercent, 100n);
  const compoundingFee = mulDivFloor(fee - protocolFee, pool.compoundingFeeBps, 10_000n);
  return { ...moved, fee, protocolFee, compoundingFee, claimingFee: fee - protocolFee - compoundingFee };
}

function withFee(amount: bigint, numerator: bigint): bigint {
  return requireU64(mulDivCeil(amount, FEE_DENOMINATOR, FEE_DENOMINATOR - numerator));
}

function curveOut(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, netIn: bigint) {
  if (pool.collectFeeMode === 'compounding') {
    const { reserveIn, reserveOut } = compoundingReserves(pool, inputIndex);
    const nextReserveIn = requireU64(reserveIn + netIn);
    return { grossOut: mulDivFloor(netIn, reserveOut, nextReserveIn), nextSqrtPrice: null };
  }
  const { sqrtPrice: price, liquidity } = pool;
  if (price === 0n || liquidity === 0n) throw new SwapRefused('insufficient-liquidity');
  const next = inRange(
    pool,
    inputIndex === 0
      ? ceilDiv(liquidity * price, liquidity + netIn * price)
      : price + (netIn << 128n) / liquidity,
  );
  return { grossOut: outputTo(pool, inputIndex, next), nextSqrtPrice: next };
}

/** The output while the price moves to `next`, rounded down. */
function outputTo({ sqrtPrice: price, liquidity }: MeteoraDammV2Pool, inputIndex: TokenIndex, next: bigint) {
  return requireU64(
    inputIndex === 0 ? (liquidity * (price - next)) >> 128n : (liquidity * (next - price)) / (price * next),
  );
}

/** The input while the price moves to `next`, rounded up. It may exceed 64 bits. */
function inputTo({ sqrtPrice: price, liquidity }: MeteoraDammV2Pool, inputIndex: TokenIndex, next: bigint) {
  return inputIndex === 0
    ? ceilDiv(liquidity * (price - next), price * next)
    : shiftRightCeil(liquidity * (next - price), 128n);
}

function curveIn(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, grossOut: bigint) {
  if (pool.collectFeeMode === 'compounding') {
    const { reserveIn, reserveOut } = compoundingReserves(pool, inputIndex);
    if (grossOut >= reserveOut) throw new SwapRefused('insufficient-liquidity');
    const netIn = requireU64(mulDivCeil(reserveIn, grossOut, reserveOut - grossOut));
    requireU64(reserveIn + netIn);
    return { netIn, nextSqrtPrice: null };
  }
  const { sqrtPrice: price, liquidity } = pool;
  if (price === 0n || liquidity === 0n) throw new SwapRefused('insufficient-liquidity');
  const next = inRange(pool, priceAfterOutput(pool, inputIndex, grossOut));
  return { netIn: requireU64(inputTo(pool, inputIndex, next)), nextSqrtPrice: next };
}

function priceAfterOutput(pool: MeteoraDammV2Pool, inputIndex: TokenIndex, grossOut: bigint): bigint {
  const { sqrtPrice: price, liquidity } = pool;
  if (inputIndex === 0) {
    const next = price - ceilDiv(grossOut << 128n, liquidity);
    if (next <= 0n) throw new SwapRefused('insufficient-liquidity');
    return next;
  }
  const remaining = liquidity - grossOut * price;
  if (remaining <= 0n) throw new SwapRefused('insufficient-liquidity');
  return ceilDiv(liquidity * price, remaining);
}

function inRange(pool: MeteoraDammV2Pool, sqrtPrice: bigint): bigint {
  requireU128(sqrtPrice);
  if (sqrtPrice < pool.sqrtMinPrice || sqrtPrice > pool.sqrtMaxPrice)
    throw new SwapRefused('price-out-of-range');
  return sqrtPrice;
}

function compoundingReserves(pool: MeteoraDammV2Pool, inputIndex: TokenIndex) {
  const [a, b] = pool.reserves;
  const [reserveIn, reserveOut] = inputIndex === 0 ? [a, b] : [b, a];
  if (reserveIn <= 0n || reserveOut <= 0n) throw new SwapRefused('insufficient-liquidity');
  return { reserveIn, reserveOut };
}
