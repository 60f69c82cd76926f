import type { DlmmBin, MeteoraDlmmPool } from '../../src/pools/meteora-dlmm.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { flagOf, integerOf, type Json, listOf, numberOf, optionOf, recordOf } from './vector-fields.ts';

const COLLECT_FEE_MODES = { 0: 'input', 1: 'token-y' } as const;
const ORDER_SIDES = { 0: 'bid', 1: 'ask' } as const;

export function readMeteoraDlmm(state: Json): MeteoraDlmmPool {
  const v = recordOf(state.v, 'v');
  return {
    kind: 'meteora-dlmm',
    activeId: numberOf(state, 'activeId'),
    binStep: integerOf(state, 'binStep'),
    baseFactor: integerOf(state, 'baseFactor'),
    baseFeePowerFactor: integerOf(state, 'baseFeePowerFactor'),
    variableFeeControl: integerOf(state, 'variableFeeControl'),
    filterPeriod: integerOf(state, 'filterPeriod'),
    decayPeriod: integerOf(state, 'decayPeriod'),
    reductionFactor: integerOf(state, 'reductionFactor'),
    maxVolatilityAccumulator: integerOf(state, 'maxVolatilityAccumulator'),
    protocolShare: integerOf(state, 'protocolShare'),
    collectFeeMode: optionOf(COLLECT_FEE_MODES, String(state.collectFeeMode), 'collectFeeMode'),
    hasLimitOrders: flagOf(state, 'limitOrders'),
    volatility: {
      accumulator: integerOf(v, 'volatilityAccumulator'),
      reference: integerOf(v, 'volatilityReference'),
      indexReference: numberOf(v, 'indexReference'),
      lastUpdateAt: integerOf(v, 'lastUpdateTimestamp'),
    },
    bins: listOf(state.bins, 'bins')
      .map((bin) => readBin(recordOf(bin, 'bin')))
      .sort((a, b) => a.id - b.id),
    window: ALWAYS_OPEN,
  };
}

function readBin(bin: Json): DlmmBin {
  const orders =
    bin.loAskSide === undefined
      ? null
      : {
          side: optionOf(ORDER_SIDES, String(bin.loAskSide), 'loAskSide'),
          open: integerOf(bin, 'loOpen'),
          processed: integerOf(bin, 'loProcessed'),
        };
  return {
    id: numberOf(bin, 'id'),
    amounts: [integerOf(bin, 'x'), integerOf(bin, 'y')],
    price: integerOf(bin, 'price'),
    orders,
  };
}
