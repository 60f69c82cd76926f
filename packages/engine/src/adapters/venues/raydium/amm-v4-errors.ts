import { RAYDIUM_AMM_V4_PROGRAM } from '@oee/amm';
import type { ProgramErrors } from '../../../ports/chain.ts';

/** Codes: raydium-io/raydium-amm, error.rs; 30 and 40 were measured on its binary, one unit beyond the limit. */
export const ammV4Errors: ProgramErrors = {
  programAddress: RAYDIUM_AMM_V4_PROGRAM,
  name: "Raydium's AMM v4 program",
  errors: {
    22: { kind: 'unserved', words: 'the pool does not accept swaps of this form at present' },
    30: { kind: 'slippage', words: 'it gives less, or asks for more, than the swap accepts' },
    40: { kind: 'insufficientFunds', words: 'the wallet does not hold the input' },
  },
};
