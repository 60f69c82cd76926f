import type { ProgramErrors } from '../../../ports/chain.ts';
import { JUPITER_PROGRAM } from './jupiter-swap.ts';

/** Codes: the interface description of Jupiter's aggregator, version 6. */
export const jupiterErrors: ProgramErrors = {
  programAddress: JUPITER_PROGRAM,
  name: "Jupiter's program",
  errors: {
    6001: { kind: 'slippage', words: 'the route gives less than the least that the swap accepts' },
    6017: { kind: 'slippage', words: 'the route does not deliver the exact output' },
    6024: { kind: 'insufficientFunds', words: 'the wallet does not hold the input' },
  },
};
