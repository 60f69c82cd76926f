import { type Address, createAddressWithSeed } from '@solana/kit';
import type { Moment } from '../../domain/moment.ts';
import type { Chain } from '../../ports/chain.ts';
import { type Clock, msSince } from '../../ports/clock.ts';
import { toU64 } from './exact-json.ts';
import { SYSTEM_PROGRAM } from './instructions.ts';
import type { Rpc } from './rpc.ts';

// The rent changes with the network's features, not within minutes.
const RENT_MAX_AGE_MS = 600_000;

/** Derives receipts of wallets. What an account without data must hold is read from the node and remembered a while. */
export function createReceipts(rpc: Rpc, clock: Pick<Clock, 'moment'>): Chain['receipt'] {
  let rent: { readonly lamports: bigint; readonly readAt: Moment } | undefined;

  async function lamportsNow(): Promise<bigint> {
    if (rent && msSince(clock, rent.readAt) < RENT_MAX_AGE_MS) return rent.lamports;
    const lamports = await rpc.call('getMinimumBalanceForRentExemption', [0], toU64);
    rent = { lamports, readAt: clock.moment() };
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
