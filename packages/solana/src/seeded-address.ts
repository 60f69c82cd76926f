import { createHash } from 'node:crypto';
import { encodeBase58 } from '@oee/amm';
import { requireAddressBytes } from './address-bytes.ts';

const MAX_SEED_BYTES = 32;

/**
 * The address of an account that `base` creates for a program with a seed (`createAccountWithSeed`). Every order has a new one.
 * @solana/kit derives the same address through WebCrypto, whose job on another thread takes far longer than this one hash.
 *
 * @throws {RangeError} The seed is longer than 32 bytes, or a text is not an address.
 */
export function seededAddress(base: string, seed: string, program: string): string {
  if (Buffer.byteLength(seed) > MAX_SEED_BYTES) throw new RangeError('a seed has at most 32 bytes');
  const hash = createHash('sha256')
    .update(requireAddressBytes(base))
    .update(seed)
    .update(requireAddressBytes(program));
  return encodeBase58(hash.digest());
}
