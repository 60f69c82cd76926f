import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;
const IS_DIRECTORY = '5';

/** Unpacks PGlite's archive of a data directory, a gzipped tar of plain files and directories, into a new directory. */
export function unpackTemplate(archive: string, directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const bytes = gunzipSync(readFileSync(archive));
  const field = (start: number, length: number): string =>
    bytes.toString('utf8', start, start + length).replace(/\0.*$/s, '');
  // A head of zeros ends the archive.
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const path = join(directory, field(at + 345, 155), field(at, 100));
    const size = Number.parseInt(field(at + 124, 12), 8);
    const content = at + BLOCK_BYTES;
    if (field(at + 156, 1) === IS_DIRECTORY) mkdirSync(path, { recursive: true, mode: 0o700 });
    else writeFileSync(path, bytes.subarray(content, content + size), { mode: 0o600 });
    at = content + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}
