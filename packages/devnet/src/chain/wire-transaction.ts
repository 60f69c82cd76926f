import { encodeBase58 } from '@oee/amm';
import { addressText } from '@oee/solana';
import { ByteReader, MalformedBytes } from './byte-reader.ts';

/** Most bytes of a serialized transaction: one network packet. */
export const MAX_TRANSACTION_BYTES = 1232;

export interface WireInstruction {
  readonly programIndex: number;
  readonly accounts: Uint8Array;
  readonly data: Uint8Array;
}

interface TableLookup {
  readonly table: string;
  readonly writable: Uint8Array;
  readonly readonly: Uint8Array;
}

export interface WireMessage {
  readonly bytes: Uint8Array;
  readonly version: 'legacy' | 0;
  readonly requiredSignatures: number;
  readonly readonlySigned: number;
  readonly readonlyUnsigned: number;
  /** Keys spelled out in the message; those of lookup tables follow them in the account list. */
  readonly staticKeys: readonly string[];
  readonly blockhash: string;
  /** Where the 32 bytes of the blockhash begin in `bytes`. */
  readonly blockhashOffset: number;
  readonly instructions: readonly WireInstruction[];
  readonly lookups: readonly TableLookup[];
}

export interface WireTransaction {
  readonly bytes: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** Base58 of the first signature: the transaction's name. */
  readonly signature: string;
  readonly message: WireMessage;
}

/**
 * Reads a serialized transaction strictly, since the virtual machine ends the process on bytes that it cannot read.
 *
 * @throws {MalformedBytes} Cut short, trailing bytes, overlong lengths, a version that Solana does not have.
 */
export function parseTransaction(bytes: Uint8Array): WireTransaction {
  const reader = new ByteReader(bytes);
  const count = reader.compactU16();
  const signatures: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) signatures.push(reader.take(64));
  const message = parseMessage(bytes.subarray(reader.position));
  return { bytes, signatures, signature: encodeBase58(signatures[0] ?? new Uint8Array(64)), message };
}

/** Reads a message, the part of a transaction that is signed. @throws {MalformedBytes} As `parseTransaction`. */
export function parseMessage(bytes: Uint8Array): WireMessage {
  const reader = new ByteReader(bytes);
  const first = reader.u8();
  const isVersioned = first >= 0x80;
  if (isVersioned && first !== 0x80) {
    throw new MalformedBytes(`invalid value: integer \`${first & 0x7f}\`, expected a supported version`);
  }
  const requiredSignatures = isVersioned ? reader.u8() : first;
  const readonlySigned = reader.u8();
  const readonlyUnsigned = reader.u8();
  const staticKeys = list(reader, () => addressText(reader.take(32)));
  const blockhashOffset = reader.position;
  const blockhash = addressText(reader.take(32));
  const instructions = list(reader, () => ({
    programIndex: reader.u8(),
    accounts: reader.take(reader.compactU16()),
    data: reader.take(reader.compactU16()),
  }));
  const lookups = isVersioned ? list(reader, () => readLookup(reader)) : [];
  if (reader.remaining > 0) throw new MalformedBytes('trailing bytes after the message');
  return {
    bytes,
    version: isVersioned ? 0 : 'legacy',
    requiredSignatures,
    readonlySigned,
    readonlyUnsigned,
    staticKeys,
    blockhash,
    blockhashOffset,
    instructions,
    lookups,
  };
}

/** Whether the key at an index of the message's own keys may be written. */
export function isStaticKeyWritable(message: WireMessage, index: number): boolean {
  const { requiredSignatures, readonlySigned, readonlyUnsigned, staticKeys } = message;
  if (index < requiredSignatures) return index < requiredSignatures - readonlySigned;
  return index < staticKeys.length - readonlyUnsigned;
}

function readLookup(reader: ByteReader): TableLookup {
  return {
    table: addressText(reader.take(32)),
    writable: reader.take(reader.compactU16()),
    readonly: reader.take(reader.compactU16()),
  };
}

function list<T>(reader: ByteReader, read: () => T): T[] {
  const count = reader.compactU16();
  const items: T[] = [];
  for (let index = 0; index < count; index += 1) items.push(read());
  return items;
}
