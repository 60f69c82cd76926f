import { type Signature, toSignature } from '../../domain/signature.ts';
import { type Mint, SOL_MINT } from '../../domain/token.ts';
import type { MessageParts, TransactionError } from '../../ports/chain.ts';
import { decodeMessage } from './message.ts';
import type { MemoryPool } from './pool.ts';
import { runMessage } from './programs.ts';

export interface Execution {
  readonly signature: Signature;
  readonly error: TransactionError | null;
  readonly feeLamports: bigint;
  /** Balances that the transaction touched. */
  readonly balances: ReadonlyMap<string, { readonly before: bigint; readonly after: bigint }>;
}

export const FEE_LAMPORTS = 5_000n;
/** Of every transaction. */
export const COMPUTE_UNITS = 30_000;
// Rent of an account without data on Solana.
export const RECEIPT_LAMPORTS = 890_880n;
/** Where a wallet holds a token: its lamports for SOL, a token account otherwise. */
export const accountOfMint = (owner: string, mint: Mint): string =>
  mint === SOL_MINT ? owner : `${owner}/${mint}`;

/** Balances by account name, and the rules of a swap. Every execution can be undone, since a fork requires it. */
export function createLedger(pools: readonly MemoryPool[]) {
  const balances = new Map<string, bigint>();
  const balanceOf = (account: string): bigint => balances.get(account) ?? 0n;

  /** The transaction's effect now, or null if its payer cannot pay the fee, so that it never lands. */
  function execute(signature: Signature, message: MessageParts): Execution | null {
    const { payer } = message;
    if (balanceOf(payer) < FEE_LAMPORTS) return null;
    const paid = new Map([[payer, balanceOf(payer) - FEE_LAMPORTS]]);
    const { error, draft } = runMessage(message, { pools, balanceOf, paid });
    const after = error ? paid : draft;
    const changed = new Map<string, { before: bigint; after: bigint }>();
    for (const [account, balance] of after)
      changed.set(account, { before: balanceOf(account), after: balance });
    return { signature, error, feeLamports: FEE_LAMPORTS, balances: changed };
  }

  return {
    balanceOf,
    setBalance: (account: string, balance: bigint): void => void balances.set(account, balance),
    execute,
    rehearse: (message: Uint8Array): Execution | null => execute(toSignature(''), decodeMessage(message)),
    apply(execution: Execution): void {
      for (const [account, { after }] of execution.balances) balances.set(account, after);
    },
    undo(execution: Execution): void {
      for (const [account, { before }] of execution.balances) balances.set(account, before);
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
