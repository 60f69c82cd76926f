import {
  DAMM_MAX_SQRT_PRICE,
  DAMM_MIN_SQRT_PRICE,
  type DammBaseFee,
  type DammDynamicFee,
  type DammPoolState,
} from '../../pools/meteora-damm-v2.ts';
import type { ChainClock } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';

/** Everything that a DAMM v2 pool's account says about trading. */
export function drawDammState(draws: Draws, clock: ChainClock): DammPoolState {
  const collectFeeMode = draws.pick([0, 1, 2]);
  const isNarrow = draws.once(3);
  const sqrtPrice = (1n << 64n) / 50n + (BigInt(draws.below(2 ** 32)) << 34n);
  const activationType = draws.below(2);
  const now = activationType === 0 ? clock.slot : clock.unixTimestamp;
  const reserves =
    collectFeeMode === 2
      ? { tokenAAmount: draws.amount(10n ** 16n), tokenBAmount: draws.amount(10n ** 16n), layoutVersion: 1 }
      : {};
  return {
    baseFee: drawBaseFee(draws),
    ...(draws.once(2) ? { dynamicFee: drawDynamicFee(draws, clock, sqrtPrice) } : {}),
    protocolFeePercent: draws.pick([20, 0, 50, 100]),
    referralFeePercent: draws.pick([20, 0, 100]),
    compoundingFeeBps: collectFeeMode === 2 ? draws.pick([5_000, 0, 1, 10_000]) : 0,
    collectFeeMode,
    feeVersion: draws.pick([1, 0]),
    liquidity: 1n << (draws.once(5) ? BigInt(70 + draws.below(50)) : BigInt(95 + draws.below(20))),
    sqrtPrice,
    initSqrtPrice: (sqrtPrice * BigInt(80 + draws.below(30))) / 100n,
    sqrtMinPrice: isNarrow ? (sqrtPrice * 9n) / 10n : DAMM_MIN_SQRT_PRICE,
    sqrtMaxPrice: isNarrow ? (sqrtPrice * 11n) / 10n : DAMM_MAX_SQRT_PRICE,
    activationType,
    activationPoint: draws.once(20) ? now + BigInt(draws.below(40)) : now - BigInt(draws.below(4_000)),
    ...(draws.once(40) ? { status: 1 } : {}),
    ...reserves,
  };
}

function drawBaseFee(draws: Draws): DammBaseFee {
  const cliffFeeNumerator = draws.once(12)
    ? BigInt(draws.pick([0, 1, 500_000_000, 990_000_000, 999_999_999, 1_000_000_000]))
    : BigInt(1_000_000 + draws.below(400_000_000));
  const numberOfPeriods = draws.below(100);
  switch (draws.below(6)) {
    case 0:
      return { cliffFeeNumerator };
    case 1: {
      const periodFrequency = BigInt(draws.below(60));
      const reductionFactor = BigInt(draws.pick([9_000, 100_000, 10_000_000]));
      return { cliffFeeNumerator, mode: 0, numberOfPeriods, periodFrequency, reductionFactor };
    }
    case 2: {
      const periodFrequency = BigInt(draws.below(60));
      const reductionFactor = BigInt(draws.pick([50, 400, 9_999, 10_000, 10_001]));
      return { cliffFeeNumerator, mode: 1, numberOfPeriods, periodFrequency, reductionFactor };
    }
    case 3:
      return {
        cliffFeeNumerator: BigInt(1_000_000 + draws.below(400_000_000)),
        mode: 2,
        rateLimiter: {
          feeIncrementBps: draws.pick([10, 1, 100, 3_000, 0]),
          maxDuration: draws.pick([100_000, 0, 3_000]),
          maxFeeBps: draws.pick([5_000, 9_900, 100, 0]),
          referenceAmount: draws.once(20) ? 0n : draws.amount(10n ** 13n),
        },
      };
    default:
      return {
        cliffFeeNumerator,
        mode: 3 + draws.below(2),
        numberOfPeriods,
        sqrtPriceStepBps: draws.once(30) ? 0 : 1 + draws.below(200),
        schedulerExpirationDuration: draws.below(6_000),
        reductionFactor: BigInt(draws.pick([100, 1, 300, 5_000_000])),
      };
  }
}

function drawDynamicFee(draws: Draws, clock: ChainClock, sqrtPrice: bigint): DammDynamicFee {
  return {
    binStep: draws.pick([1, 1, 10]),
    maxVolatilityAccumulator: draws.pick([14_460_000, 100_000]),
    variableFeeControl: draws.below(2_000),
    filterPeriod: draws.pick([10, 0]),
    decayPeriod: draws.pick([120, 10]),
    reductionFactor: draws.pick([5_000, 0, 9_999]),
    lastUpdateTimestamp: clock.unixTimestamp - BigInt(draws.below(200)),
    sqrtPriceReference: (sqrtPrice * BigInt(95 + draws.below(10))) / 100n,
    volatilityAccumulator: BigInt(draws.below(14_460_000)),
    volatilityReference: BigInt(draws.below(7_000_000)),
  };
}
