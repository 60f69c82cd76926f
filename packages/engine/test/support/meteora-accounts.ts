/** Accounts of Meteora's DLMM program, with the fields that a quote reads. */

export function dlmmPoolData(pool: { activeId: number; arrays: readonly number[] }): Uint8Array {
  const data = Buffer.alloc(904);
  data.write('210b3162b565b10d', 'hex');
  data.writeInt32LE(pool.activeId, 76);
  data.writeUInt16LE(10, 80);
  for (const index of pool.arrays) if (index >= -512 && index < 512) setBit(data, 584, index + 512);
  return data;
}

export function dlmmExtensionData(arrays: readonly number[]): Uint8Array {
  const data = Buffer.alloc(1_576);
  data.write('506f7c7137ed1205', 'hex');
  for (const index of arrays)
    if (index >= 512) setBit(data, 40, index - 512);
    else if (index < -512) setBit(data, 40 + 12 * 64, -index - 1 - 512);
  return data;
}

/** One of X and one of Y in the array's first bin. */
export function dlmmBinArrayData(index: number): Uint8Array {
  const data = Buffer.alloc(10_136);
  data.write('5c8e5cdc059446b5', 'hex');
  data.writeBigInt64LE(BigInt(index), 8);
  data.writeBigUInt64LE(1n, 56);
  data.writeBigUInt64LE(1n, 64);
  return data;
}

function setBit(data: Buffer, offset: number, bit: number): void {
  const at = offset + (bit >> 3);
  data.writeUInt8(data.readUInt8(at) | (1 << (bit & 7)), at);
}
