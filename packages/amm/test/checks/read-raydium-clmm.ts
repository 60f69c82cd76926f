import type { ClmmDynamicFee } from '../../src/pools/clmm-dynamic-fee.ts';
import type { ClmmTick, RaydiumClmmPool } from '../../src/pools/raydium-clmm.ts';
import { ALWAYS_OPEN, CREATOR_FEE_ON } from './read-raydium-cpmm.ts';
import { integerOf, type Json, listOf, numberOf, optionOf, recordOf } from './vector-fields.ts';

export function readRaydiumClmm(state: Json): RaydiumClmmPool {
  return {
    kind: 'raydium-clmm',
    sqrtPrice: integerOf(state, 'sqrtPrice'),
    tick: numberOf(state, 'tick'),
    liquidity: integerOf(state, 'liquidity'),
    tickSpacing: numberOf(state, 'tickSpacing'),
    tradeFeeRate: integerOf(state, 'tradeFeeRate'),
    feeOn: optionOf(CREATOR_FEE_ON, String(state.feeOn), 'feeOn'),
    dynamicFee: state.dyn === null ? null : readDynamicFee(recordOf(state.dyn, 'dyn')),
    ticks: listOf(state.ticks, 'ticks')
      .map((tick) => readTick(recordOf(tick, 'tick')))
      .filter(({ liquidityGross, unfilledOrders }) => liquidityGross > 0n || unfilledOrders > 0n)
      .sort((a, b) => a.tick - b.tick),
    window: ALWAYS_OPEN,
  };
}

function readTick(tick: Json): ClmmTick {
  return {
    tick: numberOf(tick, 'tick'),
    liquidityNet: integerOf(tick, 'net'),
    liquidityGross: integerOf(tick, 'gross'),
    unfilledOrders: integerOf(tick, 'orders') + integerOf(tick, 'partRem'),
  };
}

function readDynamicFee(fee: Json): ClmmDynamicFee {
  return {
    filterPeriod: integerOf(fee, 'filterPeriod'),
    decayPeriod: integerOf(fee, 'decayPeriod'),
    reductionFactor: integerOf(fee, 'reductionFactor'),
    control: integerOf(fee, 'control'),
    maxVolatility: integerOf(fee, 'maxVol'),
    indexReference: numberOf(fee, 'idxRef'),
    volatilityReference: integerOf(fee, 'volRef'),
    volatilityAccumulator: integerOf(fee, 'volAcc'),
    lastUpdateAt: integerOf(fee, 'lastTs'),
  };
}
