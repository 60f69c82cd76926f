import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryInUse, lockDirectory } from './directory-lock.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'directory-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function lockOf(pid: number, startedAt = ''): void {
  writeFileSync(join(directory, 'lock'), JSON.stringify({ pid, startedAt }));
}

test('holds a directory until it is released', () => {
  const release = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(DirectoryInUse);
  release();
  lockDirectory(directory)();
  expect(existsSync(join(directory, 'lock'))).toBe(false);
});

test('takes over the lock of a process that has died', async () => {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'exit');
  lockOf(child.pid!);
  const release = lockDirectory(directory);
  expect(readdirSync(directory)).toEqual(['lock']);
  release();
});

test('takes over a lock whose process number now belongs to a later process', () => {
  lockOf(process.ppid, '1');
  lockDirectory(directory)();
});

test('takes over a lock of its own number from an earlier life, as in a container', () => {
  lockOf(process.pid, 'earlier');
  lockDirectory(directory)();
});

test('takes over a lock that cannot be read', () => {
  writeFileSync(join(directory, 'lock'), '{"pid"');
  lockDirectory(directory)();
});
