import { type Address, createAddressWithSeed } from '@solana/kit';
import type { Chain } from '../../ports/chain.ts';
import { toU64 } from './exact-json.ts';
import { SYSTEM_PROGRAM } from './instructions.ts';
import type { Rpc } from './rpc.ts';

// The rent changes with the network's features, not within minutes.
const RENT_MAX_AGE_MS = 600_000;

/** Derives receipts of wallets. What an account without data must hold is read from the node and remembered a while. */
export function createReceipts(rpc: Rpc, now: () => number): Chain['receipt'] {
  let rent: { readonly lamports: bigint; readonly readAtMs: number } | undefined;

  async function lamportsNow(): Promise<bigint> {
    if (rent && now() - rent.readAtMs < RENT_MAX_AGE_MS) return rent.lamports;
    const lamports = await rpc.call('getMinimumBalanceForRentExemption', [0], toU64);
    rent = { lamports, readAtMs: now() };
    return lamports;
  }

  return async (owner, seed) => {
    const [address, lamports] = await Promise.all([receiptAddress(owner, seed), lamportsNow()]);
    return { address, seed, lamports };
  };
}

const receiptAddress = (owner: string, seed: string): Promise<string> =>
  createAddressWithSeed({
    baseAddress: owner as Address,
    programAddress: SYSTEM_PROGRAM as Address,
    seed,
  });
