import { SYSTEM_PROGRAM } from '@oee/solana';
import { type Address, createAddressWithSeed } from '@solana/kit';
import type { Chain } from '../../ports/chain.ts';
import type { Rent } from './rent.ts';

/** Derives the receipts of wallets; each costs the rent of an account without data. */
export function createReceipts(rent: Rent): Chain['receipt'] {
  return async (owner, seed) => {
    const [address, lamports] = await Promise.all([receiptAddress(owner, seed), rent(0)]);
    return { address, seed, lamports };
  };
}

const receiptAddress = (owner: string, seed: string): Promise<string> =>
  createAddressWithSeed({
    baseAddress: owner as Address,
    programAddress: SYSTEM_PROGRAM as Address,
    seed,
  });
