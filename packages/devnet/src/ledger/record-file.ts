import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

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

  /** Returns where the payload begins. @throws Where the disk refuses; then the file is as before. */
  append(payload: Uint8Array): number {
    const frame = Buffer.allocUnsafe(FRAME_BYTES + payload.length);
    frame.writeUInt32LE(payload.length, 0);
    frame.writeUInt32LE(crc32(payload), 4);
    frame.set(payload, FRAME_BYTES);
    try {
      let written = 0;
      while (written < frame.length) written += writeSync(this.fd, frame, written);
    } catch (error) {
      ftruncateSync(this.fd, this.size); // Half a record would hide every later one.
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
      if (count === 0) throw new Error(`${this.path} ends before ${offset + length}: the ledger is damaged`);
      filled += count;
    }
    return bytes;
  }

  /** All whole records, oldest first. A torn last record, left by a death in the middle of a write, is cut off. */
  *scan(): Generator<FileRecord> {
    let position = 0;
    while (position < this.size) {
      const record = this.recordAt(position);
      if (record === null) {
        ftruncateSync(this.fd, position);
        this.size = position;
        return;
      }
      position = record.offset + record.payload.length;
      yield record;
    }
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
}
