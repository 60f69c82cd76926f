import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

// A PKCS #8 wrapping of a raw Ed25519 seed: RFC 8410, section 7.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;
const SECRET_KEY_BYTES = 64;

/** The 64 bytes are not an Ed25519 seed followed by its public key. The message never quotes them. */
export class InvalidSecretKey extends Error {
  override name = 'InvalidSecretKey';
}

export interface Ed25519Key {
  readonly privateKey: KeyObject;
  /** 32 bytes: the address. */
  readonly publicKey: Uint8Array;
}

/**
 * @param secretKey Seed and public key, 64 bytes, as the Solana CLI writes them.
 * @throws {InvalidSecretKey} Another length, or the public key is not the seed's.
 */
export function readSecretKey(secretKey: Uint8Array): Ed25519Key {
  if (secretKey.length !== SECRET_KEY_BYTES)
    throw new InvalidSecretKey(`a secret key has ${SECRET_KEY_BYTES} bytes, not ${secretKey.length}`);
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, secretKey.subarray(0, SEED_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = rawPublicKey(privateKey);
  if (!Buffer.from(publicKey).equals(secretKey.subarray(SEED_BYTES)))
    throw new InvalidSecretKey('the second half of the secret key is not the public key of the first');
  return { privateKey, publicKey };
}

/** A new random secret key, 64 bytes. */
export function generateSecretKey(): Uint8Array {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length);
  return new Uint8Array(Buffer.concat([seed, rawPublicKey(privateKey)]));
}

/** The last 32 bytes of the SubjectPublicKeyInfo. */
function rawPublicKey(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32));
}
