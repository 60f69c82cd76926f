import { RAYDIUM_CPMM_PROGRAM } from '@oee/amm';
import type { ProgramErrors } from '../../../ports/chain.ts';

/** Codes: raydium-io/raydium-cp-swap, error.rs. Slippage was measured on mainnet's build both ways. */
export const cpmmErrors: ProgramErrors = {
  programAddress: RAYDIUM_CPMM_PROGRAM,
  name: "Raydium's CPMM program",
  errors: {
    6000: { kind: 'other', words: 'the pool does not accept swaps at present' },
    6005: { kind: 'slippage', words: 'it gives less, or asks for more, than the swap accepts' },
    6006: { kind: 'other', words: 'the amount is too small, or the pool has no fee to share' },
  },
};
