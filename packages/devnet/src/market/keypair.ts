import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { addressText } from '@oee/solana';
import { seededBytes } from './seeded-hash.ts';

/** An Ed25519 key pair of the market's own traders. Never of a user: it follows from the public seed. */
export interface TraderKeypair {
  readonly address: string;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** RFC 8410: the constant head of a PKCS #8 Ed25519 private key, before its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export function createSeededKeypair(seed: string, name: string): TraderKeypair {
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, seededBytes(seed, 'keypair', name)]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { address: addressText(publicKey), sign: (message) => sign(null, message, privateKey) };
}
