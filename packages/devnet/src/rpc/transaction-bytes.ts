import { tryDecodeBase58 } from '@oee/solana';
import { MalformedBytes } from '../chain/byte-reader.ts';
import { MAX_TRANSACTION_BYTES, parseTransaction, type WireTransaction } from '../chain/wire-transaction.ts';
import { invalidParams } from './rpc-error.ts';

const MAX_TEXT = { base58: 1683, base64: 1644 } as const;

/** The transaction in a parameter: base58 by default, or base64. */
export function transactionParam(value: unknown, encodingValue: unknown): WireTransaction {
  const encoding = encodingValue ?? 'base58';
  if (encoding !== 'base58' && encoding !== 'base64') {
    throw invalidParams(`unsupported encoding: ${String(encoding)}. Supported encodings: base58, base64`);
  }
  if (typeof value !== 'string') throw invalidParams('Invalid params: the transaction must be text.');
  if (value.length > MAX_TEXT[encoding]) {
    const limits = `(max: encoded/raw ${MAX_TEXT[encoding]}/${MAX_TRANSACTION_BYTES})`;
    throw invalidParams(
      `${encoding} encoded solana_transaction::versioned::VersionedTransaction too large: ${value.length} bytes ${limits}`,
    );
  }
  const bytes = encoding === 'base58' ? tryDecodeBase58(value) : decodeBase64(value);
  if (bytes === null) throw invalidParams(`invalid ${encoding} encoding: InvalidByte`);
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw invalidParams(
      `decoded solana_transaction::versioned::VersionedTransaction too large: ${bytes.length} bytes (max: ${MAX_TRANSACTION_BYTES} bytes)`,
    );
  }
  return parse(bytes);
}

function parse(bytes: Uint8Array): WireTransaction {
  try {
    const transaction = parseTransaction(bytes);
    requireSane(transaction);
    return transaction;
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw invalidParams(
      `failed to deserialize solana_transaction::versioned::VersionedTransaction: ${error.message}`,
    );
  }
}

/** A validator's first checks: counts that fit each other. */
function requireSane({ signatures, message }: WireTransaction): void {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, staticKeys } = message;
  const isSane =
    requiredSignatures > readonlySigned &&
    signatures.length === requiredSignatures &&
    requiredSignatures + readonlyUnsigned <= staticKeys.length;
  if (!isSane) {
    throw invalidParams('invalid transaction: Transaction failed to sanitize accounts offsets correctly');
  }
}

function decodeBase64(text: string): Uint8Array | null {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Buffer.from(text, 'base64') : null;
}
