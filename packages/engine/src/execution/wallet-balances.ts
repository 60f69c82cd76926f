import type { BaseUnits } from '../domain/amount.ts';
import { isSol, SOL_MINT, type Token } from '../domain/token.ts';
import type { Ports } from './ports.ts';

export interface WalletBalances {
  readonly address: string;
  /** Every known token with a balance that orders can spend; for SOL the native balance. */
  readonly balances: readonly { readonly token: Token; readonly amount: BaseUnits }[];
  /** Lamports that the wallet holds wrapped; orders neither spend nor unwrap them. */
  readonly wrappedSol: BaseUnits;
  readonly slot: bigint;
}

/** The current balances of the signing wallet. */
export async function walletBalances(ports: Ports): Promise<WalletBalances> {
  const { address } = ports.signer;
  const holdings = await ports.chain.anyNode.holdings(address);
  const balances = ports.tokens.list().map((token) => {
    const held = holdings.tokens.get(token.mint) ?? 0n;
    return { token, amount: isSol(token) ? holdings.lamports : held };
  });
  return {
    address,
    balances: balances.filter(({ amount }) => amount > 0n),
    wrappedSol: holdings.tokens.get(SOL_MINT) ?? 0n,
    slot: holdings.slot,
  };
}
