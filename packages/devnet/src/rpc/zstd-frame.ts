const MAGIC = Buffer.from('28b52ffd', 'hex');
const MAX_BLOCK_BYTES = 128 * 1024;
const SINGLE_SEGMENT = 1 << 5;

/**
 * A Zstandard frame with uncompressed bytes, in raw blocks (RFC 8878). Every decoder reads it; it saves no space, which
 * costs nothing on a local chain.
 */
export function toZstdFrame(content: Uint8Array): Buffer {
  const parts: Uint8Array[] = [MAGIC, frameHeader(content.length)];
  let start = 0;
  do {
    const block = content.subarray(start, start + MAX_BLOCK_BYTES);
    start += block.length;
    const header = Buffer.alloc(3);
    header.writeUIntLE((block.length << 3) | (start === content.length ? 1 : 0), 0, 3);
    parts.push(header, block);
  } while (start < content.length);
  return Buffer.concat(parts);
}

/** The descriptor and the content's size, in as few bytes as possible. */
function frameHeader(size: number): Buffer {
  if (size < 256) return Buffer.of(SINGLE_SEGMENT, size);
  if (size < 256 + 2 ** 16) {
    const header = Buffer.of(SINGLE_SEGMENT | (1 << 6), 0, 0);
    header.writeUInt16LE(size - 256, 1);
    return header;
  }
  const header = Buffer.of(SINGLE_SEGMENT | (2 << 6), 0, 0, 0, 0);
  header.writeUInt32LE(size, 1);
  return header;
}
