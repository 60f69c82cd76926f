import { SYSTEM_PROGRAM, seededAddress } from '@oee/solana';
import type { Chain } from '../../ports/chain.ts';
import type { Rent } from './rent.ts';

/** Derives the receipts of wallets; each costs the rent of an account without data. */
export function createReceipts(rent: Rent): Chain['receipt'] {
  return async (owner, seed) => {
    return { address: seededAddress(owner, seed, SYSTEM_PROGRAM), seed, lamports: await rent(0) };
  };
}
