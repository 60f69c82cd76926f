import { toMint } from '../../domain/token.ts';
import type { LandedTransaction, MessageParts } from '../../ports/chain.ts';
import type { Landing } from './block-history.ts';
import { COMPUTE_UNITS, FEE_LAMPORTS } from './ledger.ts';

/** A transaction in a block as a node shows it. */
export function toLanded({ slot, execution }: Landing, { payer, memo }: MessageParts): LandedTransaction {
  const { signature, error, balances } = execution;
  const balance = (account: string) => balances.get(account);
  return {
    signature,
    payer,
    memo,
    slot,
    error,
    feeLamports: FEE_LAMPORTS,
    computeUnits: COMPUTE_UNITS,
    lamports: balance,
    tokens: balance,
    // Token accounts are called `owner/mint`; an account without a slash holds lamports.
    tokenAccounts: [...balances].flatMap(([address, change]) => {
      const [owner, mint] = address.split('/');
      return owner !== undefined && mint !== undefined
        ? [{ address, owner, mint: toMint(mint), ...change }]
        : [];
    }),
  };
}
