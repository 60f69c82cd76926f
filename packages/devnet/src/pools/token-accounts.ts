import { NATIVE_MINT, TOKEN_PROGRAM } from '@oee/solana';
import type { GenesisAccount } from '../genesis-account.ts';
import { createAccountBytes } from './account-bytes.ts';

/** Layouts of SPL Token (solana-program/token, interface/src/state.rs). */
const MINT_BYTES = 82;
const TOKEN_ACCOUNT_BYTES = 165;
const STATE_INITIALIZED = 1;
/** Of a token account's base units, 64 bits. */
export const TOKEN_AMOUNT_OFFSET = 64;

/** Lamports that keep an account of this size: (size + 128) bytes, 3,480 lamports per byte-year, two years. */
export function rentExemptLamports(dataBytes: number): bigint {
  return BigInt(dataBytes + 128) * 3_480n * 2n;
}

/** A mint without authorities: no account can mint or freeze. */
export function createMint(mint: {
  address: string;
  decimals: number;
  supply: bigint;
  program?: string;
}): GenesisAccount {
  const data = createAccountBytes(MINT_BYTES)
    .u64(36, mint.supply)
    .u8(44, mint.decimals)
    .u8(45, STATE_INITIALIZED);
  return {
    address: mint.address,
    lamports: rentExemptLamports(MINT_BYTES),
    owner: mint.program ?? TOKEN_PROGRAM,
    executable: false,
    data: data.bytes,
  };
}

/** A token account. One of wrapped SOL holds its amount in lamports as well, as the token program demands. */
export function createTokenAccount(account: {
  address: string;
  mint: string;
  owner: string;
  amount: bigint;
  program?: string;
}): GenesisAccount {
  const data = createAccountBytes(TOKEN_ACCOUNT_BYTES)
    .address(0, account.mint)
    .address(32, account.owner)
    .u64(TOKEN_AMOUNT_OFFSET, account.amount)
    .u8(108, STATE_INITIALIZED);
  const rent = rentExemptLamports(TOKEN_ACCOUNT_BYTES);
  const isNative = account.mint === NATIVE_MINT;
  if (isNative) data.u32(109, 1).u64(113, rent);
  return {
    address: account.address,
    lamports: isNative ? rent + account.amount : rent,
    owner: account.program ?? TOKEN_PROGRAM,
    executable: false,
    data: data.bytes,
  };
}
