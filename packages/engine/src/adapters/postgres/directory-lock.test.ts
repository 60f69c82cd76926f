import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryLocked, lockDirectory } from './directory-lock.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The lock as another holder would have left it: this process's own, with parts replaced. */
function leave(parts: object): void {
  lockDirectory(directory);
  const own = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...own, token: 'other', ...parts }));
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}

describe('the lock of a directory', () => {
  test('is held once, by name, until it is given back', () => {
    const unlock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLocked);
    expect(() => lockDirectory(directory)).toThrow(`${directory} is in use by process ${process.pid}`);
    unlock();
    expect(readdirSync(directory)).toEqual([]);
    lockDirectory(directory)();
  });

  test('is taken over from a dead process', async () => {
    leave({ pid: await deadPid() });
    const unlock = lockDirectory(directory);
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
    unlock();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is taken over when a later process has the pid of the holder', () => {
    leave({ processStart: 'another boot 1' });
    lockDirectory(directory)();
    expect(existsSync(path)).toBe(false);
  });

  test('is respected while a holder on another host touches it, and taken over when it stops', () => {
    leave({ host: 'another-container', pid: 1 });
    expect(() => lockDirectory(directory)).toThrow('in use by process 1 on another-container');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    lockDirectory(directory)();
    expect(existsSync(path)).toBe(false);
  });

  test('is not removed by one who lost it', () => {
    const unlock = lockDirectory(directory);
    writeFileSync(path, JSON.stringify({ pid: 1, processStart: '', host: 'x', token: 'other' }));
    unlock();
    expect(existsSync(path)).toBe(true);
  });
});
