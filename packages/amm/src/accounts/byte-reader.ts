import { encodeBase58 } from './base58.ts';

/** The bytes are not an account of the expected type. */
export class InvalidAccount extends Error {
  constructor(account: string, problem: string) {
    super(`Not a ${account} account: ${problem}.`);
    this.name = 'InvalidAccount';
  }
}

/** Little-endian fields at fixed offsets of an account's data. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /**
   * @param discriminator The first eight bytes, in hex, with which Anchor programs mark an account's type; empty for
   * other programs.
   * @throws {InvalidAccount} Too few bytes, or the mark of another type.
   */
  constructor(bytes: Uint8Array, expected: { account: string; minLength: number; discriminator: string }) {
    const { account, minLength, discriminator } = expected;
    if (bytes.length < minLength) {
      throw new InvalidAccount(account, `${bytes.length} bytes, at least ${minLength} expected`);
    }
    const mark = toHex(bytes.subarray(0, discriminator.length / 2));
    if (mark !== discriminator)
      throw new InvalidAccount(account, `it starts with ${mark}, not ${discriminator}`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(offset: number): number {
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  i32(offset: number): number {
    return this.#view.getInt32(offset, true);
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  i64(offset: number): bigint {
    return this.#view.getBigInt64(offset, true);
  }

  u128(offset: number): bigint {
    return (this.u64(offset + 8) << 64n) | this.u64(offset);
  }

  i128(offset: number): bigint {
    return (this.i64(offset + 8) << 64n) | this.u64(offset);
  }

  address(offset: number): string {
    return encodeBase58(this.#bytes.subarray(offset, offset + 32));
  }
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
