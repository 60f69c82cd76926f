import { RAYDIUM_CLMM_PROGRAM } from '@oee/amm';
import type { ProgramErrors } from '../../../ports/chain.ts';

/** Codes: raydium-io/raydium-clmm, error.rs; both were measured on its binary, one unit beyond the limit. */
export const clmmErrors: ProgramErrors = {
  programAddress: RAYDIUM_CLMM_PROGRAM,
  name: "Raydium's CLMM program",
  errors: {
    6022: { kind: 'slippage', words: 'it gives less than the least that the swap accepts' },
    6023: { kind: 'slippage', words: 'it asks for more than the most that the swap pays' },
  },
};
