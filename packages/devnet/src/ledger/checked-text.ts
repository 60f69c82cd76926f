import { renameSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { LedgerDamaged } from './ledger-damage.ts';
import { readWholeFile } from './whole-file.ts';

const CHECKSUM_LINE = /^[0-9a-f]{8}\n/;

/** Writes JSON with its checksum in a line before it. The file appears whole or not at all. */
export function writeCheckedJson(path: string, value: unknown): void {
  const text = JSON.stringify(value);
  writeFileSync(`${path}.draft`, `${checksumOf(text)}\n${text}`);
  renameSync(`${path}.draft`, path);
}

/**
 * Reads a file of `writeCheckedJson`; undefined if there is none. Earlier versions wrote plain JSON.
 *
 * @throws {LedgerDamaged} The content differs from the written one.
 */
export function readCheckedJson(path: string): { value: unknown; isChecked: boolean } | undefined {
  const content = readWholeFile(path)?.toString();
  if (content === undefined) return undefined;
  const line = CHECKSUM_LINE.exec(content)?.[0] ?? '';
  const text = content.slice(line.length);
  if (line !== '' && checksumOf(text) !== line.trimEnd())
    throw new LedgerDamaged(path, line.length, 'the checksum before it is that of another content');
  try {
    return { value: JSON.parse(text), isChecked: line !== '' };
  } catch {
    throw new LedgerDamaged(path, 0, 'neither a checksum nor JSON begins there');
  }
}

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(8, '0');
