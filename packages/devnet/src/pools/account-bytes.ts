import { requireAddressBytes } from '@oee/solana';

/** An account's data under construction: fields at offsets, little endian, zero elsewhere. */
export interface AccountBytes {
  readonly bytes: Uint8Array;
  raw(offset: number, value: Uint8Array): AccountBytes;
  address(offset: number, value: string): AccountBytes;
  u8(offset: number, value: number): AccountBytes;
  u16(offset: number, value: number): AccountBytes;
  u32(offset: number, value: number): AccountBytes;
  u64(offset: number, value: bigint): AccountBytes;
  u128(offset: number, value: bigint): AccountBytes;
}

const U64_MAX = 2n ** 64n - 1n;

/** @throws {RangeError} When a value does not fit its field. */
export function createAccountBytes(size: number): AccountBytes {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const writer: AccountBytes = {
    bytes,
    raw: (offset, value) => {
      bytes.set(value, offset);
      return writer;
    },
    address: (offset, value) => writer.raw(offset, requireAddressBytes(value)),
    u8: (offset, value) => writer.raw(offset, Uint8Array.of(checked(value, 0xff))),
    u16: (offset, value) => {
      view.setUint16(offset, checked(value, 0xffff), true);
      return writer;
    },
    u32: (offset, value) => {
      view.setUint32(offset, checked(value, 0xffff_ffff), true);
      return writer;
    },
    u64: (offset, value) => {
      if (value < 0n || value > U64_MAX) throw new RangeError(`${value} does not fit 64 bits`);
      view.setBigUint64(offset, value, true);
      return writer;
    },
    u128: (offset, value) => writer.u64(offset, value & U64_MAX).u64(offset + 8, value >> 64n),
  };
  return writer;
}

function checked(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is over ${max}`);
  return value;
}

export function readU64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(offset, true);
}

export function readU128(bytes: Uint8Array, offset: number): bigint {
  return readU64(bytes, offset) | (readU64(bytes, offset + 8) << 64n);
}
