import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import type { ProgramErrors } from '../../../ports/chain.ts';

/** Codes: its interface description. Slippage was measured on mainnet's build in all three modes. */
export const dammV2Errors: ProgramErrors = {
  programAddress: METEORA_DAMM_V2_PROGRAM,
  name: "Meteora's DAMM v2 program",
  errors: {
    6000: { kind: 'other', words: 'its figures overflow' },
    6002: { kind: 'slippage', words: 'it gives less, or asks for more, than the swap accepts' },
    6003: { kind: 'other', words: 'the pool does not accept swaps at present' },
    6006: { kind: 'other', words: 'the amount that reaches it is zero' },
    6015: { kind: 'other', words: "the swap leaves the pool's price range" },
    6023: { kind: 'other', words: 'it does not hold that much any more' },
    6049: { kind: 'other', words: 'its rate limiter takes one swap per transaction' },
  },
};
