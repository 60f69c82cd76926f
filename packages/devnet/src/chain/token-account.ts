import { addressText, TOKEN_2022_PROGRAM, TOKEN_PROGRAMS } from '@oee/solana';
import type { AccountState } from './vm.ts';

const TOKEN_ACCOUNT_SIZE = 165;
const MINT_SIZE = 82;
const MULTISIG_SIZE = 355;
/** Where these addresses begin in a token account, after the delegate's tag. */
export const TOKEN_MINT_OFFSET = 0;
export const TOKEN_OWNER_OFFSET = 32;
export const TOKEN_DELEGATE_OFFSET = 76;
const ACCOUNT_TYPE_MINT = 1;
const ACCOUNT_TYPE_ACCOUNT = 2;

/** The part of a token account that clients look at. Layout: spl-token `state.rs`, shared by Token-2022. */
export interface TokenAccount {
  readonly mint: string;
  readonly owner: string;
  readonly amount: bigint;
  readonly delegate: string | null;
  readonly delegatedAmount: bigint;
  readonly state: 'initialized' | 'frozen';
  /** Lamports that stay behind as rent in an account of wrapped SOL; null elsewhere. */
  readonly nativeReserve: bigint | null;
  readonly closeAuthority: string | null;
}

export interface Mint {
  readonly decimals: number;
  readonly supply: bigint;
  readonly mintAuthority: string | null;
  readonly freezeAuthority: string | null;
}

export function isTokenProgram(program: string): boolean {
  return TOKEN_PROGRAMS.has(program);
}

/** The token account in an account's data; null if the account is of another kind or not initialized. */
export function readTokenAccount(account: AccountState): TokenAccount | null {
  if (!isTokenProgram(account.owner) || !hasKind(account, TOKEN_ACCOUNT_SIZE, ACCOUNT_TYPE_ACCOUNT))
    return null;
  const { data } = account;
  const state = data[108];
  if (state !== 1 && state !== 2) return null;
  const view = viewOf(data);
  return {
    mint: addressText(data.subarray(TOKEN_MINT_OFFSET, 32)),
    owner: addressText(data.subarray(TOKEN_OWNER_OFFSET, 64)),
    amount: view.getBigUint64(64, true),
    delegate: readOptionalAddress(data, TOKEN_DELEGATE_OFFSET - 4),
    delegatedAmount: view.getBigUint64(121, true),
    state: state === 2 ? 'frozen' : 'initialized',
    nativeReserve: view.getUint32(109, true) === 1 ? view.getBigUint64(113, true) : null,
    closeAuthority: readOptionalAddress(data, 129),
  };
}

/** Base units in a token account; 0 if the account is no token account. */
export function tokenAmountOf(account: AccountState | null | undefined): bigint {
  return (account && readTokenAccount(account)?.amount) ?? 0n;
}

/** The mint in an account's data; null if the account is of another kind or not initialized. */
export function readMint(account: AccountState): Mint | null {
  if (!isTokenProgram(account.owner) || !hasKind(account, MINT_SIZE, ACCOUNT_TYPE_MINT)) return null;
  const { data } = account;
  if (data[45] !== 1) return null;
  return {
    decimals: data[44]!,
    supply: viewOf(data).getBigUint64(36, true),
    mintAuthority: readOptionalAddress(data, 0),
    freezeAuthority: readOptionalAddress(data, 46),
  };
}

/** Token-2022 puts a kind byte behind the 165th byte when there are extensions. */
function hasKind(account: AccountState, plainSize: number, kind: number): boolean {
  const { data, owner } = account;
  if (data.length === plainSize) return true;
  if (data.length === MULTISIG_SIZE) return false;
  return (
    owner === TOKEN_2022_PROGRAM && data.length > TOKEN_ACCOUNT_SIZE && data[TOKEN_ACCOUNT_SIZE] === kind
  );
}

function readOptionalAddress(data: Uint8Array, offset: number): string | null {
  if (viewOf(data).getUint32(offset, true) !== 1) return null;
  return addressText(data.subarray(offset + 4, offset + 36));
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}
