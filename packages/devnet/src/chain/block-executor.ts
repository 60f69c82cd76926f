import { createHash } from 'node:crypto';
import { addressText, NATIVE_MINT } from '@oee/solana';
import { type Accounts, isSame } from './accounts.ts';
import { type ExecutedTransaction, keepParsed, type TokenBalance } from './executed-transaction.ts';
import { feeOf } from './fees.ts';
import { loadedDataBytes } from './loaded-data.ts';
import { readMint, readTokenAccount } from './token-account.ts';
import type { AccountState, Vm } from './vm.ts';
import { isStaticKeyWritable, type WireMessage, type WireTransaction } from './wire-transaction.ts';

const LOOKUP_TABLE_HEADER_BYTES = 56;
const MAX_CACHED_MINTS = 20_000;

/** Accounts as they were before the first change in a block; null where there was none. */
export type PreImages = Map<string, AccountState | null>;

interface AccountKeys {
  readonly accounts: readonly string[];
  readonly loadedWritable: readonly string[];
  readonly loadedReadonly: readonly string[];
}

/** Runs transactions on the virtual machine and notes what each changed. */
export class BlockExecutor {
  private readonly vm: Vm;
  private readonly accounts: Accounts;
  private readonly decimals = new Map<string, number>();

  constructor(vm: Vm, accounts: Accounts) {
    this.vm = vm;
    this.accounts = accounts;
  }

  /**
   * Runs one transaction.
   *
   * @param preImages Receives the former state of every account that changes for the first time.
   * @returns Null if it failed before execution: then it paid no fee and is part of no block.
   */
  execute(transaction: WireTransaction, preImages: PreImages): ExecutedTransaction | null {
    const { message } = transaction;
    const keys = this.accountKeys(message);
    if (keys === null) return null;
    const before = keys.accounts.map((address) => this.accounts.read(address));
    const loadedDataBytes = this.loadedDataBytes(message, keys.accounts);
    const result = this.vm.execute(transaction);

    const fee = result.error === null ? feeOf(message) : this.paidBy(keys.accounts[0]!, before[0] ?? null);
    if (fee <= 0n) return null;
    keepParsed(transaction);

    const after = keys.accounts.map((address, index) => {
      if (!isWritable(message, keys, index)) return before[index] ?? null;
      return this.reread(address, before[index] ?? null, preImages);
    });
    const tokenBalances = (states: readonly (AccountState | null)[]) => this.tokenBalances(states);
    return {
      ...result,
      ...keys,
      signature: transaction.signature,
      bytes: transaction.bytes,
      fee,
      loadedDataBytes,
      preBalances: before.map((state) => state?.lamports ?? 0n),
      postBalances: after.map((state) => state?.lamports ?? 0n),
      preTokenBalances: tokenBalances(before),
      postTokenBalances: tokenBalances(after),
    };
  }

  /** Every account of a message, lookup tables resolved; null where a table or an index in it is missing. */
  accountKeys(message: WireMessage): AccountKeys | null {
    if (message.lookups.length === 0) {
      return { accounts: message.staticKeys, loadedWritable: [], loadedReadonly: [] };
    }
    const loadedWritable: string[] = [];
    const loadedReadonly: string[] = [];
    for (const lookup of message.lookups) {
      const table = this.accounts.read(lookup.table)?.data;
      if (table === undefined) return null;
      for (const index of lookup.writable) loadedWritable.push(tableEntry(table, index));
      for (const index of lookup.readonly) loadedReadonly.push(tableEntry(table, index));
    }
    const accounts = [...message.staticKeys, ...loadedWritable, ...loadedReadonly];
    return accounts.includes('') ? null : { accounts, loadedWritable, loadedReadonly };
  }

  /** Bytes of accounts and programs that a transaction with these accounts loads. */
  loadedDataBytes(message: WireMessage, accounts: readonly string[]): number {
    return loadedDataBytes(message, accounts, (address) => this.accounts.read(address));
  }

  /** The cost of a failed transaction: its fee, or zero if it failed before it paid. */
  private paidBy(payer: string, before: AccountState | null): bigint {
    return (before?.lamports ?? 0n) - this.vm.balance(payer);
  }

  private reread(address: string, former: AccountState | null, preImages: PreImages): AccountState | null {
    const state = this.accounts.reread(address);
    if (!preImages.has(address) && !isSame(former, state)) preImages.set(address, former);
    return state;
  }

  private tokenBalances(states: readonly (AccountState | null)[]): TokenBalance[] {
    const balances: TokenBalance[] = [];
    for (const [accountIndex, state] of states.entries()) {
      const token = state === null ? null : readTokenAccount(state);
      if (token === null) continue;
      const { mint, owner, amount } = token;
      const decimals = this.decimalsOf(mint);
      balances.push({ accountIndex, mint, owner, programId: state!.owner, amount, decimals });
    }
    return balances;
  }

  private decimalsOf(mint: string): number {
    const known = this.decimals.get(mint);
    if (known !== undefined) return known;
    const account = this.accounts.read(mint);
    const decimals = (account && readMint(account)?.decimals) ?? (mint === NATIVE_MINT ? 9 : 0);
    if (this.decimals.size >= MAX_CACHED_MINTS) this.decimals.clear();
    this.decimals.set(mint, decimals);
    return decimals;
  }
}

const hashes = new WeakMap<WireMessage, string>();

/** The identity of a transaction for Solana: the hash of the signed message, without its signatures. */
export function messageHash(message: WireMessage): string {
  const known = hashes.get(message);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(message.bytes).digest('base64');
  hashes.set(message, hash);
  return hash;
}

function isWritable(message: WireMessage, keys: AccountKeys, index: number): boolean {
  const own = message.staticKeys.length;
  if (index < own) return isStaticKeyWritable(message, index);
  return index < own + keys.loadedWritable.length;
}

function tableEntry(table: Uint8Array, index: number): string {
  const start = LOOKUP_TABLE_HEADER_BYTES + index * 32;
  return start + 32 > table.length ? '' : addressText(table.subarray(start, start + 32));
}
