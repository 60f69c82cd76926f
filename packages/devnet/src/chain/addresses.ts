import { decodeBase58, encodeBase58 } from './base58.ts';

export const SYSTEM_PROGRAM = '11111111111111111111111111111111';
export const COMPUTE_BUDGET_PROGRAM = 'ComputeBudget111111111111111111111111111111';
export const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA';
export const TOKEN_2022_PROGRAM = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
export const WRAPPED_SOL_MINT = 'So11111111111111111111111111111111111111112';

/** Programs whose instructions carry extra signatures, each paid for like the transaction's own. */
export const PRECOMPILES: ReadonlySet<string> = new Set([
  'Ed25519SigVerify111111111111111111111111111',
  'KeccakSecp256k11111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
]);

const MAX_CACHED_ADDRESSES = 50_000;
const cachedBytes = new Map<string, Uint8Array>();
const cachedText = new Map<string, string>();

/** An address's 32 bytes, or null where the text is not one. Remembered, since the same pools come again and again. */
export function addressBytes(address: string): Uint8Array | null {
  const known = cachedBytes.get(address);
  if (known !== undefined) return known;
  if (address.length < 32 || address.length > 44) return null;
  const bytes = decodeBase58(address);
  if (bytes?.length !== 32) return null;
  if (cachedBytes.size >= MAX_CACHED_ADDRESSES) cachedBytes.clear();
  cachedBytes.set(address, bytes);
  return bytes;
}

/** 32 bytes as text. Remembered too: an account's owner is one of a handful of programs. */
export function addressText(bytes: Uint8Array): string {
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const known = cachedText.get(key);
  if (known !== undefined) return known;
  const text = encodeBase58(bytes);
  if (cachedText.size >= MAX_CACHED_ADDRESSES) cachedText.clear();
  cachedText.set(key, text);
  return text;
}
