import { RAYDIUM_CLMM_PROGRAM } from '@oee/amm';
import type { ProgramError, ProgramErrors } from '../../../ports/chain.ts';

const TOO_LITTLE: ProgramError = {
  kind: 'slippage',
  words: 'it gives less than the least that the swap accepts',
};
const TOO_MUCH: ProgramError = {
  kind: 'slippage',
  words: 'it asks for more than the most that the swap pays',
};

/**
 * Codes: raydium-io/raydium-clmm, error.rs. Both were measured on its binary of December 2025, one unit beyond the
 * limit. The versions of 2026 removed errors, so the numbers shifted: by their source the limits are 6018 and 6019
 * there, under the same names. No binary of 2026 was measured.
 */
export const clmmErrors: ProgramErrors = {
  programAddress: RAYDIUM_CLMM_PROGRAM,
  name: "Raydium's CLMM program",
  errors: { 6022: TOO_LITTLE, 6023: TOO_MUCH },
  errorsByName: {
    TooLittleOutputReceived: TOO_LITTLE,
    TooMuchInputPaid: TOO_MUCH,
    LiquidityInsufficient: { kind: 'other', words: 'there is too little liquidity for the swap' },
    NotEnoughTickArrayAccount: { kind: 'other', words: 'the swap needs more tick arrays than it names' },
    NotApproved: { kind: 'other', words: 'the pool does not serve swaps now' },
  },
};
