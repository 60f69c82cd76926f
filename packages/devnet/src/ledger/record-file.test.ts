import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordFile } from './record-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'record-file-'));
  path = join(directory, 'records');
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(...texts: string[]): void {
  const file = new RecordFile(path);
  for (const text of texts) file.append(Buffer.from(text));
  file.close();
}

function read(): string[] {
  const file = new RecordFile(path);
  const texts = [...file.scan({ isLast: true })].map(({ payload }) => payload.toString());
  file.close();
  return texts;
}

test('reads back every appended record, also from a file that existed before', () => {
  write('one', '');
  write('three');
  expect(read()).toEqual(['one', '', 'three']);
});

test('cuts off a torn end of any length, and appends after the last whole record', () => {
  write('one', 'two');
  const whole = readFileSync(path);
  write('a third record');
  const all = readFileSync(path);
  for (let length = whole.length + 1; length < all.length; length += 1) {
    writeFileSync(path, all.subarray(0, length));
    expect(read()).toEqual(['one', 'two']);
    write('next');
    expect(read()).toEqual(['one', 'two', 'next']);
  }
});

test('refuses a record with one changed bit, the last one too, and leaves the file as it is', () => {
  write('one', 'two', 'three');
  const whole = readFileSync(path);
  const starts = [0, 11, 22];
  for (let offset = 0; offset < whole.length; offset += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const bytes = Buffer.from(whole);
      bytes[offset]! ^= 1 << bit;
      writeFileSync(path, bytes);
      const start = starts.findLast((each) => each <= offset);
      expect(read).toThrow(`${path} is damaged at byte ${start}`);
      expect(readFileSync(path)).toEqual(bytes);
    }
  }
});

test('takes garbage behind the last record for no record', () => {
  write('one');
  appendFileSync(path, Buffer.from([255, 255, 255, 255, 1, 2, 3, 4, 5]));
  expect(read()).toEqual(['one']);
});
