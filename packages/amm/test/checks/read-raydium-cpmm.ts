import type { RaydiumCpmmPool } from '../../src/pools/raydium-cpmm.ts';
import { flagOf, integerOf, type Json, optionOf } from './vector-fields.ts';

export const CREATOR_FEE_ON = { 0: 'input', 1: 'token0', 2: 'token1' } as const;

export const ALWAYS_OPEN = { isEnabled: true, opensAt: 0n, pointKind: 'timestamp' } as const;

export function readRaydiumCpmm(state: Json): RaydiumCpmmPool {
  return {
    kind: 'raydium-cpmm',
    reserves: [
      integerOf(state, 'vault0') - integerOf(state, 'fees0'),
      integerOf(state, 'vault1') - integerOf(state, 'fees1'),
    ],
    tradeFeeRate: integerOf(state, 'tradeFeeRate'),
    protocolFeeRate: integerOf(state, 'protocolFeeRate'),
    fundFeeRate: integerOf(state, 'fundFeeRate'),
    creatorFeeRate: flagOf(state, 'enableCreatorFee') ? integerOf(state, 'creatorFeeRate') : 0n,
    creatorFeeOn: optionOf(CREATOR_FEE_ON, String(state.creatorFeeOn), 'creatorFeeOn'),
    window: ALWAYS_OPEN,
  };
}
