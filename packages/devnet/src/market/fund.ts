import { deriveAssociatedTokenAccount, NATIVE_MINT, TOKEN_PROGRAM } from '@oee/solana';
import type { Chain } from '../chain/chain.ts';
import { readMint, readTokenAccount } from '../chain/token-account.ts';
import { type AccountState, NO_ACCOUNT } from '../chain/vm.ts';
import { createTokenAccount, TOKEN_AMOUNT_OFFSET } from '../pools/token-accounts.ts';
import { Problem } from '../problem.ts';

const U64_MAX = 2n ** 64n - 1n;
const SUPPLY_OFFSET = 36;

export interface Funding {
  readonly owner: string;
  /** Lamports to add. */
  readonly lamports: bigint;
  readonly tokens: readonly { readonly mint: string; readonly amount: bigint }[];
}

/**
 * Adds SOL and tokens to a wallet: to its own account and its associated token accounts, which it creates if missing.
 * Afterwards the balances are in the journal and visible at every commitment. The change is atomic.
 *
 * @returns The slot after which the balances hold.
 * @throws {Problem} A mint is none, or a sum exceeds 2^64 - 1.
 */
export async function fund(chain: Chain, funding: Funding): Promise<number> {
  const targets = await Promise.all(
    funding.tokens.map(async ({ mint, amount }) => {
      return { mint, amount, address: await deriveAssociatedTokenAccount(funding.owner, mint) };
    }),
  );
  // From here on no other task runs, so the accounts cannot change between the read and the write.
  const changed = new Map<string, AccountState>();
  const read = (address: string) => changed.get(address) ?? chain.accounts.read(address);
  if (funding.lamports > 0n) {
    const wallet = read(funding.owner) ?? NO_ACCOUNT;
    const lamports = sum(wallet.lamports, funding.lamports, funding.owner);
    changed.set(funding.owner, { ...wallet, lamports });
  }
  for (const { mint, amount, address } of targets) {
    changed.set(mint, withMoreSupply(requireMint(mint, read(mint)), mint, amount));
    const account = read(address) ?? createTokenAccount({ address, mint, owner: funding.owner, amount: 0n });
    changed.set(address, withMoreTokens(account, address, mint, amount));
  }
  if (changed.size > 0) chain.setAccounts(changed);
  return chain.history.tip.slot;
}

function withMoreTokens(account: AccountState, address: string, mint: string, amount: bigint): AccountState {
  const token = readTokenAccount(account);
  if (token?.mint !== mint) {
    throw refusal(`${address} is not a token account of ${mint}.`, 'Choose another owner.');
  }
  const data = withU64(account.data, TOKEN_AMOUNT_OFFSET, sum(token.amount, amount, address));
  const lamports = token.nativeReserve === null ? account.lamports : account.lamports + amount;
  return { ...account, lamports, data };
}

function withMoreSupply(state: AccountState, mint: string, amount: bigint): AccountState {
  if (mint === NATIVE_MINT) return state; // The mint of wrapped SOL counts no supply.
  const supply = sum(readMint(state)!.supply, amount, mint);
  return { ...state, data: withU64(state.data, SUPPLY_OFFSET, supply) };
}

function requireMint(mint: string, state: AccountState | null): AccountState {
  if (state !== null && state.owner === TOKEN_PROGRAM && readMint(state) !== null) return state;
  throw refusal(`${mint} is not a mint of the SPL Token program.`, 'GET /admin/market lists the mints.');
}

function sum(held: bigint, added: bigint, address: string): bigint {
  if (held + added <= U64_MAX) return held + added;
  throw refusal(`The balance of ${address} would exceed 2^64 - 1 base units.`, 'Ask for less.');
}

function withU64(data: Uint8Array, offset: number, value: bigint): Uint8Array {
  const copy = Uint8Array.from(data);
  new DataView(copy.buffer).setBigUint64(offset, value, true);
  return copy;
}

function refusal(detail: string, hint: string): Problem {
  return new Problem({ status: 400, code: 'cannot_fund', title: 'Cannot fund', detail, hint });
}
