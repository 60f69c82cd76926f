import { createPrivateKey, createPublicKey } from 'node:crypto';

/**
 * The image that LiteSVM 1.5 makes of itself, as far as it is needed here:
 *
 *   u8 layout · accounts: u64 count, entries · the faucet's key pair: seed and public key, 64 bytes ·
 *   active features: u64 count, entries of key and slot · inactive features: u64 count, keys · the rest
 *
 * An account's entry is key, lamports, data (u64 length, bytes), owner, executable, rent epoch. Integers are little endian.
 */
const LAYOUT = 4;
const KEY_BYTES = 32;
const LENGTH_AT = KEY_BYTES + 8;
const AFTER_DATA_BYTES = KEY_BYTES + 1 + 8;
const FAUCET_BYTES = 64;
const ACTIVE_FEATURE_BYTES = KEY_BYTES + 8;

interface ImageParts {
  readonly accounts: readonly Buffer[];
  readonly faucet: Buffer;
  readonly activeFeatures: readonly Buffer[];
  readonly inactiveFeatures: readonly Buffer[];
  readonly rest: Buffer;
}

/**
 * The same image with accounts and features in the order of their keys. The machine keeps them in hash tables, which
 * give them in another order in every process: without this, equal chains would have different snapshots.
 *
 * @throws {Error} The image has another layout: LiteSVM was exchanged for another version.
 */
export function sortImage(image: Uint8Array): Uint8Array {
  return join(split(image));
}

/**
 * The image of a new machine without its random parts: the key pair of LiteSVM's faucet is replaced by a fixed one, and
 * the faucet's account is removed. The devnet has a separate faucet.
 */
export function withoutFaucet(image: Uint8Array): Uint8Array {
  const parts = split(image);
  const old = parts.faucet.subarray(KEY_BYTES);
  const accounts = parts.accounts.filter((entry) => !entry.subarray(0, KEY_BYTES).equals(old));
  return join({ ...parts, accounts, faucet: FIXED_FAUCET });
}

/** Every account of an image, with its lamports. */
export function balancesOf(image: Uint8Array): { address: Uint8Array; lamports: bigint }[] {
  return split(image).accounts.map((entry) => ({
    address: entry.subarray(0, KEY_BYTES),
    lamports: entry.readBigUInt64LE(KEY_BYTES),
  }));
}

const FIXED_FAUCET = ((): Buffer => {
  const seed = Buffer.alloc(KEY_BYTES);
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), // PKCS 8 of Ed25519
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return Buffer.concat([seed, publicKey]);
})();

function split(image: Uint8Array): ImageParts {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  if (bytes[0] !== LAYOUT) throw new Error(`LiteSVM's image has layout ${bytes[0]}, not ${LAYOUT}`);
  const reader = new EntryReader(bytes, 1);
  return {
    accounts: reader.entries((at) => LENGTH_AT + 8 + reader.length(at + LENGTH_AT) + AFTER_DATA_BYTES),
    faucet: reader.take(FAUCET_BYTES),
    activeFeatures: reader.entries(() => ACTIVE_FEATURE_BYTES),
    inactiveFeatures: reader.entries(() => KEY_BYTES),
    rest: reader.rest(),
  };
}

class EntryReader {
  private readonly bytes: Buffer;
  private at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  entries(sizeAt: (at: number) => number): Buffer[] {
    const count = this.length(this.at);
    this.at += 8;
    return Array.from({ length: count }, () => this.take(sizeAt(this.at)));
  }

  length(at: number): number {
    const length = this.bytes.readBigUInt64LE(at);
    if (length > BigInt(this.bytes.length)) throw new Error("LiteSVM's image has another layout");
    return Number(length);
  }

  take(size: number): Buffer {
    if (this.at + size > this.bytes.length) throw new Error("LiteSVM's image has another layout");
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  rest(): Buffer {
    return this.bytes.subarray(this.at);
  }
}

function join({ accounts, faucet, activeFeatures, inactiveFeatures, rest }: ImageParts): Buffer {
  return Buffer.concat([
    Buffer.of(LAYOUT),
    ...table(accounts),
    faucet,
    ...table(activeFeatures),
    ...table(inactiveFeatures),
    rest,
  ]);
}

/** The count and the entries by their keys, with which each begins. */
function table(entries: readonly Buffer[]): Buffer[] {
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(BigInt(entries.length));
  const keyOf = (entry: Buffer): Buffer => entry.subarray(0, KEY_BYTES);
  return [count, ...[...entries].sort((a, b) => Buffer.compare(keyOf(a), keyOf(b)))];
}
