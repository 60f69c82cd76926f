import { decodeBase58, encodeBase58 } from '@oee/amm';

const MAX_REMEMBERED = 50_000;
const ADDRESS_BYTES = 32;
const bytesOf = new Map<string, Uint8Array>();
const textOf = new Map<string, string>();

/** An address's 32 bytes, or null if the text is not an address. Cached, since the same addresses recur. */
export function addressBytes(address: string): Uint8Array | null {
  const known = bytesOf.get(address);
  if (known !== undefined) return known;
  if (address.length < 32 || address.length > 44) return null;
  const bytes = tryDecodeBase58(address);
  if (bytes?.length !== ADDRESS_BYTES) return null;
  if (bytesOf.size >= MAX_REMEMBERED) bytesOf.clear();
  bytesOf.set(address, bytes);
  return bytes;
}

/** An address's 32 bytes. @throws {RangeError} The text is not an address. */
export function requireAddressBytes(address: string): Uint8Array {
  const bytes = addressBytes(address);
  if (bytes === null) throw new RangeError(`${JSON.stringify(address)} is not an address`);
  return bytes;
}

/** 32 bytes as base58 text. Cached too: most owners of accounts are a handful of programs. */
export function addressText(bytes: Uint8Array): string {
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const known = textOf.get(key);
  if (known !== undefined) return known;
  const text = encodeBase58(bytes);
  if (textOf.size >= MAX_REMEMBERED) textOf.clear();
  textOf.set(key, text);
  return text;
}

/** The bytes of a base58 text, or null if it has a character outside the alphabet. */
export function tryDecodeBase58(text: string): Uint8Array | null {
  try {
    return decodeBase58(text);
  } catch {
    return null;
  }
}
