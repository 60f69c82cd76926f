import type { LandedTransaction, MessageParts } from '../../ports/chain.ts';
import type { Landing } from './block-history.ts';
import { FEE_LAMPORTS } from './ledger.ts';

/** What a node shows of a transaction in a block. */
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
    lamports: balance,
    tokens: balance,
    // Token accounts are called `owner/mint`; what has no slash holds lamports.
    tokenAccounts: [...balances].flatMap(([address, change]) => {
      const [owner, mint] = address.split('/');
      return owner !== undefined && mint !== undefined ? [{ address, owner, mint, ...change }] : [];
    }),
  };
}
