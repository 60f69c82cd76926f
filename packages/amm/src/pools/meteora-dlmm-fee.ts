import type { SysvarClock } from '../clock.ts';
import { ceilDiv, minOf, mulDivCeil, mulDivFloor } from '../integer.ts';
import { SwapRefused } from '../swap-refused.ts';

export const FEE_PRECISION = 1_000_000_000n;
const MAX_FEE_RATE = 100_000_000n;
const BPS_DENOMINATOR = 10_000n;
/** The share of a limit order's fee that goes to its owner, basis points. */
const LIMIT_ORDER_FEE_SHARE = 5_000n;
const U32_MAX = 2n ** 32n - 1n;

/** The fields on which the fee rate depends: constants of the pool and the volatility that its account stores. */
export interface DlmmFeeFields {
  readonly activeId: number;
  readonly binStep: bigint;
  readonly baseFactor: bigint;
  readonly baseFeePowerFactor: bigint;
  readonly variableFeeControl: bigint;
  /** Seconds. */
  readonly filterPeriod: bigint;
  readonly decayPeriod: bigint;
  readonly reductionFactor: bigint;
  readonly maxVolatilityAccumulator: bigint;
  /** Basis points of the fee. */
  readonly protocolShare: bigint;
  readonly volatility: {
    readonly accumulator: bigint;
    readonly reference: bigint;
    readonly indexReference: number;
    /** Seconds since 1970. */
    readonly lastUpdateAt: bigint;
  };
}

export interface VolatilityReference {
  readonly index: number;
  readonly volatility: bigint;
}

/**
 * The volatility reference with which a swap at `clock` starts: kept within the filter period, then decayed, then
 * reset.
 *
 * @throws {SwapRefused} A product exceeds the 32 bits with which the program multiplies.
 */
export function referenceAt(pool: DlmmFeeFields, clock: SysvarClock): VolatilityReference {
  const { accumulator, reference, indexReference, lastUpdateAt } = pool.volatility;
  const elapsed = clock.unixTimestamp - lastUpdateAt;
  if (elapsed < pool.filterPeriod) return { index: indexReference, volatility: reference };
  if (elapsed >= pool.decayPeriod) return { index: pool.activeId, volatility: 0n };
  const scaled = accumulator * pool.reductionFactor;
  if (scaled > U32_MAX) throw new SwapRefused('math-overflow', 'the decay of its volatility');
  return { index: pool.activeId, volatility: scaled / BPS_DENOMINATOR };
}

/** Fee rate per 1,000,000,000 in the bin `id`: the base fee and a part that grows with the bins crossed. */
export function dlmmFeeRate(pool: DlmmFeeFields, reference: VolatilityReference, id: number): bigint {
  const base = pool.baseFactor * pool.binStep * 10n * 10n ** pool.baseFeePowerFactor;
  const distance = BigInt(Math.abs(reference.index - id)) * BPS_DENOMINATOR;
  const accumulator = minOf(reference.volatility + distance, pool.maxVolatilityAccumulator);
  const movement = accumulator * pool.binStep;
  const variable =
    pool.variableFeeControl > 0n
      ? ceilDiv(pool.variableFeeControl * movement * movement, 100_000_000_000n)
      : 0n;
  return minOf(base + variable, MAX_FEE_RATE);
}

/** The fee inside an amount that contains it. */
export function feeOfGross(amount: bigint, rate: bigint): bigint {
  return mulDivCeil(amount, rate, FEE_PRECISION);
}

/** The fee to be added to an amount without it. */
export function feeOnTop(amount: bigint, rate: bigint): bigint {
  return mulDivCeil(amount, rate, FEE_PRECISION - rate);
}

/** The protocol's part of a fee: its share of the positions' fee, and half of the limit orders' fee. */
export function splitDlmmFee(parts: {
  fee: bigint;
  used: bigint;
  usedByPositions: bigint;
  protocolShare: bigint;
}): bigint {
  const { fee, used, usedByPositions, protocolShare } = parts;
  if (fee === 0n || used === 0n) return 0n;
  const positionsFee = mulDivCeil(fee, usedByPositions, used);
  const ordersFee = fee - positionsFee;
  const ownersFee = mulDivFloor(ordersFee, LIMIT_ORDER_FEE_SHARE, BPS_DENOMINATOR);
  return ordersFee - ownersFee + mulDivFloor(positionsFee, protocolShare, BPS_DENOMINATOR);
}
