import type { SqlType } from './recordset.ts';

/** Grows as it is written; integers are big-endian, as in the protocol. */
export class RowOutput {
  #bytes: Buffer;
  #end = 0;

  /** @param size Bytes that will probably do. */
  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** What was written; nothing may be written any more. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  int16(value: number): void {
    this.#room(2);
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
  }

  int32(value: number): void {
    this.#room(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
  }

  /** An integer of eight bytes up to 2^53 on either side. */
  safeInt64(value: number): void {
    this.#room(8);
    const high = Math.floor(value / 2 ** 32);
    this.#bytes.writeInt32BE(high, this.#end);
    this.#end = this.#bytes.writeUInt32BE(value - high * 2 ** 32, this.#end + 4);
  }

  int64(value: bigint): void {
    this.#room(8);
    this.#end = this.#bytes.writeBigInt64BE(value, this.#end);
  }

  float64(value: number): void {
    this.#room(8);
    this.#end = this.#bytes.writeDoubleBE(value, this.#end);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Its length in bytes before it. */
  sizedText(value: string): void {
    this.#room(4 + value.length * 3);
    const size = this.#bytes.write(value, this.#end + 4);
    this.#bytes.writeInt32BE(size, this.#end);
    this.#end += 4 + size;
  }

  /** Whatever `write` writes, with its length in bytes before it. */
  sized(write: () => void): void {
    const start = this.#end;
    this.int32(0);
    write();
    this.#bytes.writeInt32BE(this.#end - start - 4, start);
  }

  #room(size: number): void {
    if (this.#end + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + size));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** How a value of an SQL type crosses: the type's id, the same in every database, and its binary form with its length. */
export interface FieldType {
  readonly id: number;
  readonly write: (output: RowOutput, value: never) => void;
}

const EPOCH_OF_POSTGRES_MS = Date.UTC(2000, 0);

const writeText = (output: RowOutput, value: string): void => output.sizedText(value);

export const FIELD_TYPES: Readonly<Record<SqlType, FieldType>> = {
  text: { id: 25, write: writeText },
  /** From its text. */
  json: { id: 114, write: writeText },
  smallint: {
    id: 21,
    write: (output, value: number) => {
      output.int32(2);
      output.int16(value);
    },
  },
  integer: {
    id: 23,
    write: (output, value: number) => {
      output.int32(4);
      output.int32(value);
    },
  },
  bigint: {
    id: 20,
    write: (output, value: bigint) => {
      output.int32(8);
      output.int64(value);
    },
  },
  'double precision': {
    id: 701,
    write: (output, value: number) => {
      output.int32(8);
      output.float64(value);
    },
  },
  boolean: {
    id: 16,
    write: (output, value: boolean) => {
      output.int32(1);
      output.bytes(value ? TRUE : FALSE);
    },
  },
  bytea: {
    id: 17,
    write: (output, value: Uint8Array) => {
      output.int32(value.length);
      output.bytes(value);
    },
  },
  /** From epoch milliseconds. */
  timestamptz: {
    id: 1184,
    write: (output, value: number) => {
      output.int32(8);
      output.safeInt64((value - EPOCH_OF_POSTGRES_MS) * 1_000);
    },
  },
  /** From a whole number. */
  numeric: { id: 1700, write: writeNumeric },
};

const TRUE = Uint8Array.of(1);
const FALSE = Uint8Array.of(0);
const NEGATIVE = 0x4000;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Digits to the base of 10,000, the highest first; how many stand before the point; the sign; decimals. */
function writeNumeric(output: RowOutput, value: bigint): void {
  const digits: number[] = [];
  let high = value < 0n ? -value : value;
  for (; high > SAFE; high /= 10_000n) digits.push(Number(high % 10_000n));
  for (let rest = Number(high); rest > 0; rest = Math.floor(rest / 10_000)) digits.push(rest % 10_000);
  output.int32(8 + 2 * digits.length);
  output.int16(digits.length);
  output.int16(Math.max(0, digits.length - 1));
  output.int16(value < 0n ? NEGATIVE : 0);
  output.int16(0);
  for (let index = digits.length - 1; index >= 0; index -= 1) output.int16(digits[index]!);
}
