import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(scrypt) as (secret: string, salt: Buffer, bytes: number) => Promise<Buffer>;
const FINGERPRINT_BYTES = 32;

/** Slow to compute, so that a secret with little in it cannot be found by trying; with a salt of its own. */
export async function fingerprintOf(secret: string, salt = randomBytes(16)): Promise<string> {
  const hash = await derive(secret, salt, FINGERPRINT_BYTES);
  return `scrypt:${salt.toString('hex')}:${hash.toString('hex')}`;
}

export async function isFingerprintOf(fingerprint: string, secret: string): Promise<boolean> {
  const salt = Buffer.from(fingerprint.split(':')[1] ?? '', 'hex');
  return timingSafeEqual(Buffer.from(await fingerprintOf(secret, salt)), Buffer.from(fingerprint));
}
