import type { TransferFeeConfig } from '../transfer-fee.ts';
import { ByteReader, InvalidAccount } from './byte-reader.ts';

/**
 * Layouts of SPL Token, and of Token-2022, which appends extensions after byte 165:
 * solana-program/token and solana-program/token-2022, src/state.rs and src/extension/mod.rs.
 */

export interface TokenAccount {
  readonly mint: string;
  readonly owner: string;
  /** Base units. */
  readonly amount: bigint;
}

export interface Mint {
  readonly decimals: number;
  /** Base units. */
  readonly supply: bigint;
  /** Null for plain tokens. */
  readonly transferFeeConfig: TransferFeeConfig | null;
}

const TOKEN_ACCOUNT_LENGTH = 165;
const MINT_LENGTH = 82;
const EXTENSIONS_OFFSET = 166;
const TRANSFER_FEE_CONFIG_TYPE = 1;

/** @throws {InvalidAccount} Not a token account, or one that was never initialized. */
export function decodeTokenAccount(data: Uint8Array): TokenAccount {
  const expected = { account: 'token', minLength: TOKEN_ACCOUNT_LENGTH, discriminator: '' };
  const reader = new ByteReader(data, expected);
  if (reader.u8(108) === 0) throw new InvalidAccount('token', 'it is not initialized');
  return { mint: reader.address(0), owner: reader.address(32), amount: reader.u64(64) };
}

/** @throws {InvalidAccount} Not a mint, or one that was never initialized. */
export function decodeMint(data: Uint8Array): Mint {
  const reader = new ByteReader(data, { account: 'mint', minLength: MINT_LENGTH, discriminator: '' });
  if (reader.u8(45) === 0) throw new InvalidAccount('mint', 'it is not initialized');
  return {
    supply: reader.u64(36),
    decimals: reader.u8(44),
    transferFeeConfig: transferFeeConfigOf(reader, data.length),
  };
}

function transferFeeConfigOf(reader: ByteReader, length: number): TransferFeeConfig | null {
  for (let offset = EXTENSIONS_OFFSET; offset + 4 <= length; ) {
    const type = reader.u16(offset);
    const size = reader.u16(offset + 2);
    if (type === 0) return null;
    if (type === TRANSFER_FEE_CONFIG_TYPE) {
      if (size !== 108 || offset + 4 + size > length)
        throw new InvalidAccount('mint', 'its extension is cut off');
      return { older: feeAt(reader, offset + 4 + 72), newer: feeAt(reader, offset + 4 + 90) };
    }
    offset += 4 + size;
  }
  return null;
}

function feeAt(reader: ByteReader, offset: number) {
  return { epoch: reader.u64(offset), maximumFee: reader.u64(offset + 8), feeBps: reader.u16(offset + 16) };
}
