import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const SLOT_BYTES = 8;

/**
 * The newest slot, overwritten in place: slots without transactions cost nothing on disk,
 * yet their heights and blockhashes come back, since they follow from the slot.
 */
export class HeadFile {
  private readonly fd: number;
  private readonly bytes = Buffer.alloc(SLOT_BYTES + 4);

  constructor(path: string) {
    this.fd = openSync(path, existsSync(path) ? 'r+' : 'w+');
  }

  write(slot: number): void {
    this.bytes.writeBigUInt64LE(BigInt(slot), 0);
    this.bytes.writeUInt32LE(crc32(this.bytes.subarray(0, SLOT_BYTES)), SLOT_BYTES);
    writeSync(this.fd, this.bytes, 0, this.bytes.length, 0);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** The slot that a head file names; 0 where there is none or it is damaged. */
export function readHead(path: string): number {
  if (!existsSync(path)) return 0;
  const bytes = readFileSync(path);
  if (bytes.length < SLOT_BYTES + 4) return 0;
  if (crc32(bytes.subarray(0, SLOT_BYTES)) !== bytes.readUInt32LE(SLOT_BYTES)) return 0;
  return Number(bytes.readBigUInt64LE(0));
}
