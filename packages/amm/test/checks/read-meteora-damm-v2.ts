import type { MeteoraDammV2Pool } from '../../src/pools/meteora-damm-v2.ts';
import type { BaseFee, DynamicFee } from '../../src/pools/meteora-damm-v2-fee.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { integerOf, type Json, numberOf, optionOf, recordOf } from './vector-fields.ts';

export const COLLECT_FEE_MODES = { 0: 'output', 1: 'token-b', 2: 'compounding' } as const;

export function readMeteoraDammV2(state: Json): MeteoraDammV2Pool {
  return {
    kind: 'meteora-damm-v2',
    sqrtPrice: integerOf(state, 'sqrtPrice'),
    sqrtMinPrice: integerOf(state, 'sqrtMinPrice'),
    sqrtMaxPrice: integerOf(state, 'sqrtMaxPrice'),
    liquidity: integerOf(state, 'liquidity'),
    collectFeeMode: optionOf(COLLECT_FEE_MODES, String(state.collectFeeMode), 'collectFeeMode'),
    reserves: [integerOf(state, 'tokenAAmount'), integerOf(state, 'tokenBAmount')],
    feeVersion: optionOf({ 0: 0, 1: 1 } as const, String(state.feeVersion), 'feeVersion'),
    activationPoint: integerOf(state, 'activationPoint'),
    pointKind: 'timestamp',
    initialSqrtPrice: integerOf(state, 'initSqrtPrice'),
    protocolFeePercent: integerOf(state, 'protocolFeePercent'),
    compoundingFeeBps: integerOf(state, 'compoundingFeeBps'),
    baseFee: readBaseFee(recordOf(state.baseFee, 'baseFee')),
    dynamicFee: state.dynamicFee === null ? null : readDynamicFee(recordOf(state.dynamicFee, 'dynamicFee')),
    window: ALWAYS_OPEN,
  };
}

function readBaseFee(fee: Json): BaseFee {
  const mode = numberOf(fee, 'mode');
  const cliffFeeNumerator = integerOf(fee, 'cliffFeeNumerator');
  if (mode === 2) {
    return {
      kind: 'rate-limiter',
      cliffFeeNumerator,
      feeIncrementBps: integerOf(fee, 'feeIncrementBps'),
      maxLimiterDuration: integerOf(fee, 'maxLimiterDuration'),
      maxFeeBps: integerOf(fee, 'maxFeeBps'),
      referenceAmount: integerOf(fee, 'referenceAmount'),
    };
  }
  const schedule = {
    shape: mode === 0 || mode === 3 ? 'linear' : 'exponential',
    cliffFeeNumerator,
    numberOfPeriods: integerOf(fee, 'numberOfPeriod'),
    reductionFactor: integerOf(fee, 'reductionFactor'),
  } as const;
  if (mode === 0 || mode === 1) {
    return { kind: 'time-scheduler', ...schedule, periodFrequency: integerOf(fee, 'periodFrequency') };
  }
  if (mode !== 3 && mode !== 4) throw new Error(`unknown base fee mode ${mode}`);
  return {
    kind: 'market-cap-scheduler',
    ...schedule,
    sqrtPriceStepBps: integerOf(fee, 'sqrtPriceStepBps'),
    expirationDuration: integerOf(fee, 'schedulerExpirationDuration'),
  };
}

function readDynamicFee(fee: Json): DynamicFee {
  return {
    variableFeeControl: integerOf(fee, 'variableFeeControl'),
    binStep: integerOf(fee, 'binStep'),
    volatilityAccumulator: integerOf(fee, 'volatilityAccumulator'),
  };
}
