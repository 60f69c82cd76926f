/** Thrown where bytes violate their format. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes';
}

/** Reads forward through bytes and refuses to read past their end. */
export class ByteReader {
  position = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  u8(): number {
    const value = this.bytes[this.position];
    if (value === undefined) throw new MalformedBytes('io error: failed to fill whole buffer');
    this.position += 1;
    return value;
  }

  take(length: number): Uint8Array {
    if (length > this.remaining) throw new MalformedBytes('io error: failed to fill whole buffer');
    const slice = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return slice;
  }

  /** Solana's compact u16: one to three bytes, seven bits each; an overlong form is refused, as the validator does. */
  compactU16(): number {
    let value = 0;
    for (let index = 0; index < 3; index += 1) {
      const byte = this.u8();
      if (index > 0 && byte === 0) throw new MalformedBytes('alias encoding of a compact length');
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) {
        if (value > 0xffff) throw new MalformedBytes('a compact length over 65,535');
        return value;
      }
    }
    throw new MalformedBytes('a compact length of more than three bytes');
  }
}
