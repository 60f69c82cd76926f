import { SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { ProgramErrors } from '../../ports/chain.ts';

const TOKEN_ERRORS: ProgramErrors['errors'] = {
  1: { kind: 'insufficientFunds', words: 'a token account does not hold what is taken from it' },
  4: { kind: 'other', words: 'a token account belongs to another wallet' },
  17: { kind: 'other', words: 'a token account is frozen' },
};

/** Errors of the chain's own programs: TokenError of solana-program/token, SystemError of solana-system-interface. */
export const CHAIN_ERRORS: readonly ProgramErrors[] = [
  {
    programAddress: TOKEN_PROGRAM,
    name: 'the Token program',
    errors: TOKEN_ERRORS,
  },
  {
    programAddress: TOKEN_2022_PROGRAM,
    name: 'the Token-2022 program',
    errors: TOKEN_ERRORS,
  },
  {
    programAddress: SYSTEM_PROGRAM,
    name: 'the System program',
    errors: {
      0: { kind: 'other', words: 'an account that is to be created exists already' },
      1: { kind: 'insufficientFunds', words: 'an account does not hold the lamports that are taken from it' },
    },
  },
];
