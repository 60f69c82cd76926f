import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LedgerDamaged } from './ledger-damage.ts';

const FRAME_BYTES = 8;

export interface FileRecord {
  /** Where the payload begins in the file. */
  readonly offset: number;
  readonly payload: Buffer;
}

/**
 * An append-only file of records, each with its length and checksum before it.
 * A record is complete once `append` returns: it survives the death of the process, not of the machine,
 * since the file is not synced to the disk.
 */
export class RecordFile {
  readonly path: string;
  private readonly fd: number;
  private size: number;

  constructor(path: string) {
    this.path = path;
    this.fd = openSync(path, 'a+');
    this.size = fstatSync(this.fd).size;
  }

  get bytes(): number {
    return this.size;
  }

  /** Returns the position of the payload. @throws The disk refuses the write; then the file is unchanged. */
  append(payload: Uint8Array): number {
    const frame = Buffer.allocUnsafe(FRAME_BYTES + payload.length);
    frame.writeUInt32LE(payload.length, 0);
    frame.writeUInt32LE(crc32(payload), 4);
    frame.set(payload, FRAME_BYTES);
    try {
      let written = 0;
      while (written < frame.length) written += writeSync(this.fd, frame, written);
    } catch (error) {
      ftruncateSync(this.fd, this.size); // A partial record would hide every later one.
      throw error;
    }
    const offset = this.size + FRAME_BYTES;
    this.size += frame.length;
    return offset;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.fd, bytes, filled, length - filled, offset + filled);
      if (count === 0) throw new LedgerDamaged(this.path, offset + filled, 'the file ends there');
      filled += count;
    }
    return bytes;
  }

  /**
   * All records, oldest first. A torn last record, which a death during a write leaves, was never reported to a client:
   * it is cut off, in the file that was written last.
   *
   * @throws {LedgerDamaged} A record differs from the written one.
   */
  *scan({ isLast }: { readonly isLast: boolean }): Generator<FileRecord> {
    let position = 0;
    while (position < this.size) {
      const record = this.recordAt(position);
      if (record === null) {
        if (!isLast || !this.isTorn(position))
          throw new LedgerDamaged(this.path, position, 'the record that begins there was changed');
        this.cut(position);
        return;
      }
      position = record.offset + record.payload.length;
      yield record;
    }
  }

  /** Truncates the file at a position. */
  cut(position: number): void {
    ftruncateSync(this.fd, position);
    this.size = position;
  }

  close(): void {
    closeSync(this.fd);
  }

  private recordAt(position: number): FileRecord | null {
    const offset = position + FRAME_BYTES;
    if (offset > this.size) return null;
    const frame = this.read(position, FRAME_BYTES);
    const length = frame.readUInt32LE(0);
    if (offset + length > this.size) return null;
    const payload = this.read(offset, length);
    return crc32(payload) === frame.readUInt32LE(4) ? { offset, payload } : null;
  }

  /**
   * Whether the file ends within the record at this position because its write was cut off. Such a write leaves only
   * the beginning of a record. A record that is complete, by its checksum or because another record follows, was fully
   * written and changed later.
   */
  private isTorn(position: number): boolean {
    const rest = this.read(position, this.size - position);
    if (rest.length < FRAME_BYTES) return true;
    if (FRAME_BYTES + rest.readUInt32LE(0) <= rest.length) return false;
    if (crc32(rest.subarray(FRAME_BYTES)) === rest.readUInt32LE(4)) return false; // Only the length was changed.
    return !holdsRecord(rest.subarray(1));
  }
}

/** Whether a whole record begins at any byte. Payloads are text for the most part, so few bytes look like a length. */
function holdsRecord(bytes: Buffer): boolean {
  for (let at = 0; at + FRAME_BYTES < bytes.length; at += 1) {
    const length = bytes.readUInt32LE(at);
    const end = at + FRAME_BYTES + length;
    if (length === 0 || end > bytes.length) continue;
    if (crc32(bytes.subarray(at + FRAME_BYTES, end)) === bytes.readUInt32LE(at + 4)) return true;
  }
  return false;
}
