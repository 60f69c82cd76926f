import type { RaydiumAmmV4Pool } from '../../src/pools/raydium-amm-v4.ts';
import { ALWAYS_OPEN } from './read-raydium-cpmm.ts';
import { integerOf, type Json } from './vector-fields.ts';

export function readRaydiumAmmV4(state: Json): RaydiumAmmV4Pool {
  return {
    kind: 'raydium-amm-v4',
    reserves: [
      integerOf(state, 'coinVault') - integerOf(state, 'needTakePnlCoin'),
      integerOf(state, 'pcVault') - integerOf(state, 'needTakePnlPc'),
    ],
    swapFeeNumerator: integerOf(state, 'swapFeeNumerator'),
    swapFeeDenominator: integerOf(state, 'swapFeeDenominator'),
    window: ALWAYS_OPEN,
  };
}
