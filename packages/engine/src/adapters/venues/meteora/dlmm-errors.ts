import { METEORA_DLMM_PROGRAM } from '@oee/amm';
import type { ProgramErrors } from '../../../ports/chain.ts';

/**
 * Codes: its interface description. The slippage codes were measured on mainnet's build, one unit beyond a swap's
 * limit.
 */
export const dlmmErrors: ProgramErrors = {
  programAddress: METEORA_DLMM_PROGRAM,
  name: "Meteora's DLMM program",
  errors: {
    3005: { kind: 'other', words: 'the price has moved beyond the bin arrays that the swap names' },
    6002: { kind: 'slippage', words: 'it asks for more than the most that the swap pays' },
    6003: { kind: 'slippage', words: 'it gives less than the least that the swap accepts' },
    6004: { kind: 'slippage', words: 'its price has moved by more bins than the swap accepts' },
    6009: { kind: 'other', words: 'the price has moved beyond the bin arrays that the swap names' },
    6012: { kind: 'other', words: 'it does not hold that much any more' },
    6018: { kind: 'other', words: 'its figures overflow' },
    6036: { kind: 'other', words: 'it does not hold that much any more' },
    6037: { kind: 'other', words: 'it does not hold that much any more' },
    6039: { kind: 'slippage', words: 'it gives less than the least that the swap accepts' },
    6042: { kind: 'other', words: 'the pool does not accept swaps at present' },
    6057: { kind: 'slippage', words: 'it does not deliver the exact output for the most that the swap pays' },
    6085: { kind: 'other', words: 'its limit orders cannot meet this output exactly' },
    6104: { kind: 'slippage', words: 'it asks for more than the most that the swap pays' },
  },
};
