import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LedgerDamaged } from './ledger-damage.ts';
import { readWholeFile } from './whole-file.ts';

const SLOT_BYTES = 8;

/**
 * The newest slot, overwritten in place. Slots without transactions need no space on disk, yet a start restores their
 * heights and blockhashes, since they follow from the slot.
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

/**
 * The slot in a head file; 0 if there is no file or it is empty.
 *
 * @throws {LedgerDamaged} The content differs from the written one.
 */
export function readHead(path: string): number {
  const bytes = readWholeFile(path);
  if (bytes === null || bytes.length === 0) return 0;
  if (bytes.length !== SLOT_BYTES + 4) throw new LedgerDamaged(path, bytes.length, 'the file ends there');
  if (crc32(bytes.subarray(0, SLOT_BYTES)) !== bytes.readUInt32LE(SLOT_BYTES))
    throw new LedgerDamaged(path, 0, 'the checksum behind the slot is that of another one');
  return Number(bytes.readBigUInt64LE(0));
}
