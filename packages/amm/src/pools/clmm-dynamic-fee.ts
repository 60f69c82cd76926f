import { ceilDiv, minOf, mulDivFloor } from '../integer.ts';

/** The part of a CLMM fee that follows volatility: raydium-clmm, states/pool_fee.rs and instructions/swap.rs. */

const MAX_FEE_RATE = 100_000n;
const SCALE = 10_000n;
/** Control denominator times the scale squared. */
const RATE_DENOMINATOR = 10_000_000_000_000n;

export interface ClmmDynamicFee {
  /** Seconds. */
  readonly filterPeriod: bigint;
  readonly decayPeriod: bigint;
  readonly reductionFactor: bigint;
  readonly control: bigint;
  readonly maxVolatility: bigint;
  readonly indexReference: number;
  readonly volatilityReference: bigint;
  readonly volatilityAccumulator: bigint;
  /** Seconds since 1970. */
  readonly lastUpdateAt: bigint;
}

/** A group is one tick spacing wide; the fee grows with the groups that a swap crosses. */
export function groupOf(tick: number, tickSpacing: number): number {
  return Math.floor(tick / tickSpacing);
}

/** The volatility during one swap, updated as the price moves. It works on a copy and never changes the pool. */
export class VolatilityTracker {
  readonly #fee: ClmmDynamicFee;
  readonly #tickSpacing: bigint;
  readonly #reference: { index: number; volatility: bigint };
  #accumulator: bigint;

  constructor(fee: ClmmDynamicFee, start: { group: number; tickSpacing: number; unixTimestamp: bigint }) {
    this.#fee = fee;
    this.#tickSpacing = BigInt(start.tickSpacing);
    this.#accumulator = fee.volatilityAccumulator;
    this.#reference = referenceOf(fee, start);
  }

  get isSaturated(): boolean {
    return this.#accumulator === this.#fee.maxVolatility;
  }

  update(group: number): void {
    const crossed = BigInt(Math.abs(this.#reference.index - group));
    this.#accumulator = minOf(this.#reference.volatility + crossed * SCALE, this.#fee.maxVolatility);
  }

  /** Fee rate per 1,000,000, base fee included. */
  feeRate(baseRate: bigint): bigint {
    const movement = this.#accumulator * this.#tickSpacing;
    const dynamic = ceilDiv(this.#fee.control * movement * movement, RATE_DENOMINATOR);
    return minOf(baseRate + minOf(dynamic, MAX_FEE_RATE), MAX_FEE_RATE);
  }
}

function referenceOf(fee: ClmmDynamicFee, start: { group: number; unixTimestamp: bigint }) {
  const sinceUpdate = start.unixTimestamp - fee.lastUpdateAt;
  const elapsed = sinceUpdate > 0n ? sinceUpdate : 0n;
  if (elapsed < fee.filterPeriod) return { index: fee.indexReference, volatility: fee.volatilityReference };
  const isDecaying = elapsed < fee.decayPeriod;
  const decayed = mulDivFloor(fee.volatilityAccumulator, fee.reductionFactor, SCALE);
  return { index: start.group, volatility: isDecaying ? decayed : 0n };
}
