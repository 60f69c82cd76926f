import type { ProgramErrors } from '../../ports/chain.ts';
import { SYSTEM_PROGRAM } from './instructions.ts';

const TOKEN_ERRORS: ProgramErrors['errors'] = {
  1: { kind: 'insufficientFunds', words: 'a token account does not hold what is taken from it' },
  4: { kind: 'other', words: 'a token account belongs to somebody else' },
  17: { kind: 'other', words: 'a token account is frozen' },
};

/** What the chain's own programs refuse: TokenError of solana-program/token, SystemError of solana-system-interface. */
export const CHAIN_ERRORS: readonly ProgramErrors[] = [
  {
    programAddress: 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
    name: 'the Token program',
    errors: TOKEN_ERRORS,
  },
  {
    programAddress: 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
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
