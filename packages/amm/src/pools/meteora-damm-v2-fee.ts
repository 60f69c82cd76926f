import { type PointKind, pointAt, type SysvarClock } from '../clock.ts';
import { ceilDiv, integerSqrt, minOf, mulDivCeil, U64_MAX } from '../integer.ts';
import { ONE_Q64, powQ64 } from '../q64.ts';
import type { TokenIndex } from '../swap.ts';
import { SwapRefused } from '../swap-refused.ts';

export const FEE_DENOMINATOR = 1_000_000_000n;
const BPS_DENOMINATOR = 10_000n;
const MAX_FEE_NUMERATORS = [500_000_000n, 990_000_000n] as const;

/** The base fee falls with time. Numerators are per 1,000,000,000. */
interface TimeScheduler {
  readonly kind: 'time-scheduler';
  readonly shape: 'linear' | 'exponential';
  readonly cliffFeeNumerator: bigint;
  readonly numberOfPeriods: bigint;
  /** Points (slots or seconds) per period; zero means a constant fee. */
  readonly periodFrequency: bigint;
  /** Linear: numerator per period. Exponential: basis points per period. */
  readonly reductionFactor: bigint;
}

/** The base fee falls as the price rises above its initial value. */
interface MarketCapScheduler {
  readonly kind: 'market-cap-scheduler';
  readonly shape: 'linear' | 'exponential';
  readonly cliffFeeNumerator: bigint;
  readonly numberOfPeriods: bigint;
  readonly sqrtPriceStepBps: bigint;
  /** Points after activation at which the schedule ends. */
  readonly expirationDuration: bigint;
  readonly reductionFactor: bigint;
}

/** While its window is open, the fee of a purchase with token B grows with the input. */
interface RateLimiter {
  readonly kind: 'rate-limiter';
  readonly cliffFeeNumerator: bigint;
  readonly feeIncrementBps: bigint;
  readonly maxLimiterDuration: bigint;
  readonly maxFeeBps: bigint;
  readonly referenceAmount: bigint;
}

export type BaseFee = TimeScheduler | MarketCapScheduler | RateLimiter;

/** The part of the fee that follows volatility, as the pool's account stores it. */
export interface DynamicFee {
  readonly variableFeeControl: bigint;
  readonly binStep: bigint;
  readonly volatilityAccumulator: bigint;
}

/** The fields on which the fee of a swap depends, besides the amount. */
export interface DammV2FeeFields {
  readonly baseFee: BaseFee;
  readonly dynamicFee: DynamicFee | null;
  /** 0 caps the fee at 50 %, 1 at 99 %. */
  readonly feeVersion: 0 | 1;
  readonly activationPoint: bigint;
  readonly pointKind: PointKind;
  readonly sqrtPrice: bigint;
  readonly initialSqrtPrice: bigint;
}

interface FeeContext {
  readonly inputIndex: TokenIndex;
  readonly clock: SysvarClock;
  /** Whether `amount` includes the fee (true) or the fee is added to it. */
  readonly isIncluded: boolean;
}

/** Fee numerator per 1,000,000,000 of a swap of `amount`, capped as the program caps it. */
export function dammV2FeeNumerator(pool: DammV2FeeFields, amount: bigint, context: FeeContext): bigint {
  const numerator = baseFeeNumerator(pool, amount, context) + dynamicFeeNumerator(pool.dynamicFee);
  return minOf(numerator, MAX_FEE_NUMERATORS[pool.feeVersion]);
}

/** Whether a rate limiter applies: to B to A swaps, from activation to the end of its window. */
export function isRateLimited(pool: DammV2FeeFields, inputIndex: TokenIndex, clock: SysvarClock): boolean {
  const fee = pool.baseFee;
  if (fee.kind !== 'rate-limiter' || inputIndex === 0) return false;
  const isUnset =
    fee.referenceAmount === 0n &&
    fee.maxLimiterDuration === 0n &&
    fee.maxFeeBps === 0n &&
    fee.feeIncrementBps === 0n;
  const now = pointAt(clock, pool.pointKind);
  return !isUnset && now >= pool.activationPoint && now <= pool.activationPoint + fee.maxLimiterDuration;
}

function baseFeeNumerator(pool: DammV2FeeFields, amount: bigint, context: FeeContext): bigint {
  const fee = pool.baseFee;
  if (fee.kind === 'rate-limiter') {
    if (!isRateLimited(pool, context.inputIndex, context.clock)) return fee.cliffFeeNumerator;
    return context.isIncluded ? limitedFeeOfIncluded(fee, amount) : limitedFeeOfExcluded(fee, amount);
  }
  const now = pointAt(context.clock, pool.pointKind);
  if (fee.kind === 'market-cap-scheduler') return scheduledFee(fee, marketCapPeriod(fee, pool, now));
  // The program ignores the reduction here, so a reduction out of range prevents no swap.
  if (fee.periodFrequency === 0n) return fee.cliffFeeNumerator;
  return scheduledFee(fee, timePeriod(fee, pool.activationPoint, now));
}

function timePeriod(fee: TimeScheduler, activationPoint: bigint, now: bigint): bigint {
  // Before activation only whitelisted buyers trade, and they pay the lowest fee.
  if (now < activationPoint) return fee.numberOfPeriods;
  return minOf((now - activationPoint) / fee.periodFrequency, fee.numberOfPeriods);
}

function marketCapPeriod(fee: MarketCapScheduler, pool: DammV2FeeFields, now: bigint): bigint {
  const { activationPoint, sqrtPrice, initialSqrtPrice } = pool;
  const isOver = now > activationPoint + fee.expirationDuration || now < activationPoint;
  if (isOver) return fee.numberOfPeriods;
  if (sqrtPrice <= initialSqrtPrice) return 0n;
  if (initialSqrtPrice === 0n || fee.sqrtPriceStepBps === 0n) throw new SwapRefused('invalid-pool');
  const risenBps = ((sqrtPrice - initialSqrtPrice) * BPS_DENOMINATOR) / initialSqrtPrice;
  return minOf(risenBps / fee.sqrtPriceStepBps, fee.numberOfPeriods);
}

function scheduledFee(fee: TimeScheduler | MarketCapScheduler, period: bigint): bigint {
  if (fee.shape === 'linear') {
    const numerator = fee.cliffFeeNumerator - fee.reductionFactor * period;
    if (numerator < 0n) throw new SwapRefused('math-overflow');
    return numerator;
  }
  if (fee.reductionFactor === 0n) return fee.cliffFeeNumerator;
  const base = ONE_Q64 - (fee.reductionFactor << 64n) / BPS_DENOMINATOR;
  if (base < 0n) throw new SwapRefused('math-overflow'); // Also before the first period.
  if (period === 0n) return fee.cliffFeeNumerator;
  if (base === 0n) throw new SwapRefused('math-overflow');
  return (fee.cliffFeeNumerator * powQ64(base, Number(period))) >> 64n;
}

function dynamicFeeNumerator(fee: DynamicFee | null): bigint {
  if (!fee) return 0n;
  const distance = fee.volatilityAccumulator * fee.binStep;
  return ceilDiv(fee.variableFeeControl * distance * distance, 100_000_000_000n);
}

/**
 * Each further reference amount of the input pays one increment more, up to the maximum. The result is the average
 * numerator over the whole input, rounded up.
 */
function limitedFeeOfIncluded(fee: RateLimiter, amount: bigint): bigint {
  const { cliffFeeNumerator: cliff, referenceAmount: reference } = fee;
  if (amount <= reference) return cliff;
  // The program divides by the reference amount here only: an exact output passes without one, at the maximum fee.
  if (reference === 0n) throw new SwapRefused('invalid-pool');
  const { increment, maxNumerator, maxIndex } = limiterSteps(fee);
  const wholeSteps = (amount - reference) / reference;
  const remainder = (amount - reference) % reference;
  const index = minOf(wholeSteps, maxIndex);
  const stepsFee = reference * (cliff + cliff * index + (increment * index * (index + 1n)) / 2n);
  const restFee =
    wholeSteps < maxIndex
      ? remainder * (cliff + increment * (wholeSteps + 1n))
      : ((wholeSteps - maxIndex) * reference + remainder) * maxNumerator;
  const tradingFee = ceilDiv(stepsFee + restFee, FEE_DENOMINATOR);
  const numerator = mulDivCeil(tradingFee, FEE_DENOMINATOR, amount);
  if (numerator > U64_MAX) throw new SwapRefused('math-overflow');
  return numerator;
}

/** The same for an amount after the fee; solves the same quadratic as the program. */
function limitedFeeOfExcluded(fee: RateLimiter, excluded: bigint): bigint {
  const { cliffFeeNumerator: cliff, referenceAmount: reference } = fee;
  if (excluded <= excludedOf(fee, reference)) return cliff;
  const { increment, maxNumerator, maxIndex } = limiterSteps(fee);
  const lastStepEnd = (maxIndex + 1n) * reference;
  const checkedIncluded = minOf(lastStepEnd, U64_MAX);
  const checkedExcluded = excludedOf(fee, checkedIncluded);
  if (excluded === checkedExcluded) return limitedFeeOfIncluded(fee, checkedIncluded);

  let included: bigint;
  if (excluded < checkedExcluded) {
    const linear = (2n * FEE_DENOMINATOR + increment - 2n * cliff) * reference;
    const constant = 2n * excluded * FEE_DENOMINATOR * reference;
    const discriminant = linear * linear - 4n * increment * constant;
    if (discriminant < 0n) throw new SwapRefused('math-overflow');
    const steps = (linear - integerSqrt(discriminant)) / (2n * increment);
    const marginal = cliff + increment * (steps / reference);
    included = steps + includedOf(excluded - excludedOf(fee, steps), marginal);
  } else {
    if (lastStepEnd > U64_MAX) throw new SwapRefused('math-overflow');
    included = checkedIncluded + includedOf(excluded - checkedExcluded, maxNumerator);
  }
  const numerator = mulDivCeil(included - excluded, FEE_DENOMINATOR, included);
  if (numerator < cliff) throw new SwapRefused('math-overflow');
  return numerator;
}

function limiterSteps(fee: RateLimiter) {
  const maxNumerator = (fee.maxFeeBps * FEE_DENOMINATOR) / BPS_DENOMINATOR;
  const increment = (fee.feeIncrementBps * FEE_DENOMINATOR) / BPS_DENOMINATOR;
  if (increment === 0n || fee.cliffFeeNumerator > maxNumerator) throw new SwapRefused('invalid-pool');
  return { maxNumerator, increment, maxIndex: (maxNumerator - fee.cliffFeeNumerator) / increment };
}

function excludedOf(fee: RateLimiter, included: bigint): bigint {
  const numerator = limitedFeeOfIncluded(fee, included);
  return included - mulDivCeil(included, numerator, FEE_DENOMINATOR);
}

function includedOf(excluded: bigint, numerator: bigint): bigint {
  if (excluded < 0n || numerator >= FEE_DENOMINATOR) throw new SwapRefused('math-overflow');
  return mulDivCeil(excluded, FEE_DENOMINATOR, FEE_DENOMINATOR - numerator);
}
