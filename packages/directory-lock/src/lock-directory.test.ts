import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { DirectoryLocked, DirectoryReplaced, lockDirectory } from './index.ts';

const SCRIPT = `
import { lockDirectory } from '${new URL('../dist/index.js', import.meta.url)}';
import { spawn } from 'node:child_process';
const [directory, options, heir] = process.argv.slice(1);
try {
  const { excludes } = lockDirectory(directory, JSON.parse(options));
  const child = heir && spawn('sleep', ['60'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  console.log(JSON.stringify({ excludes, heir: child?.pid ?? null }));
  setInterval(() => {}, 1_000);
} catch (error) {
  console.log(JSON.stringify({ refused: error.name, message: error.message }));
}
`;

interface Answer {
  readonly excludes?: boolean;
  readonly heir?: number | null;
  readonly refused?: string;
  readonly message?: string;
}

let root: string;
let directory: string;
let children: ChildProcess[];

beforeAll(() => build());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-'));
  directory = join(root, 'held');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

/** A process that takes the directory and keeps it, or says why it could not. */
async function start(
  parts: { wrapper?: string[]; options?: object; path?: string; heir?: boolean } = {},
): Promise<Answer & { child: ChildProcess }> {
  const { wrapper = [], options = {}, path = process.env.PATH, heir = false } = parts;
  const [command, ...args] = [
    ...wrapper,
    process.execPath,
    ...['--input-type=module', '-e', SCRIPT, directory, JSON.stringify(options), ...(heir ? ['heir'] : [])],
  ];
  const child = spawn(command!, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  children.push(child);
  const [line] = await once(createInterface(child.stdout!), 'line');
  return { ...(JSON.parse(line) as Answer), child };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const lockFile = () => join(directory, 'lock');
/** The lock file of a holder, as earlier versions wrote it: this process's own, with parts replaced. */
function leave(parts: object): void {
  const release = lockDirectory(directory);
  const { lockedBy: _, ...own } = JSON.parse(readFileSync(lockFile(), 'utf8'));
  release.release();
  writeFileSync(lockFile(), JSON.stringify({ ...own, token: 'other', ...parts }));
}

describe('the lock of a directory', () => {
  test('has one holder, whose name it gives, until it is released', () => {
    const lock = lockDirectory(directory);
    expect(lock.excludes).toBe(true);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLocked);
    expect(() => lockDirectory(directory)).toThrow(
      `${directory} is in use by process ${process.pid} on ${hostname()}: stop it`,
    );
    lock.release();
    lock.release();
    expect(readdirSync(directory)).toEqual([]);
    lockDirectory(directory).release();
  });

  test('is free once its holder was killed, whatever the holder had started', async () => {
    const { child, heir } = await start({ heir: true });
    try {
      expect(() => lockDirectory(directory)).toThrow(`in use by process ${child.pid}`);
      await kill(child);
      lockDirectory(directory).release();
      process.kill(heir!, 0); // Lives still.
    } finally {
      process.kill(heir!, 'SIGKILL');
    }
  });

  test('holds while its holder is stopped, however old, empty, foreign or absent its file is', async () => {
    const { child } = await start();
    child.kill('SIGSTOP');
    const longAgo = new Date(Date.now() - 3_600_000);
    const harm = [
      () => utimesSync(lockFile(), longAgo, longAgo),
      () => writeFileSync(lockFile(), JSON.stringify({ pid: 1, host: 'elsewhere', processStart: '' })),
      () => truncateSync(lockFile(), 3),
      () => writeFileSync(lockFile(), ''),
      () => rmSync(lockFile()),
    ];
    for (const step of harm) {
      step();
      expect(() => lockDirectory(directory)).toThrow(DirectoryLocked);
      expect((await start()).refused).toBe('DirectoryLocked');
    }
    expect((await start()).message).toContain('another process, which its file "lock" does not name');
  });

  test('is held by a child process of an installed program, flock or perl', async () => {
    const which = spawnSync('which', ['perl'], { encoding: 'utf8' }).stdout.trim();
    const perlOnly = join(root, 'perl-only');
    mkdirSync(perlOnly);
    symlinkSync(which, join(perlOnly, 'perl'));
    const { excludes } = await start({ path: perlOnly });
    expect(excludes).toBe(true);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLocked); // By flock.
    expect((await start({ path: perlOnly })).refused).toBe('DirectoryLocked');
  });

  test('is refused without flock and perl, unless the caller allows no lock; then the name of a live holder is respected', async () => {
    const none = join(root, 'no-programs');
    mkdirSync(none);
    expect(await start({ path: none })).toMatchObject({
      refused: 'LockUnavailable',
      message: `${directory} cannot be locked: neither flock nor perl is installed`,
    });
    const { child, excludes } = await start({ path: none, options: { allowUnlocked: true } });
    expect(excludes).toBe(false);
    for (const path of [none, process.env.PATH!])
      expect(await start({ path, options: { allowUnlocked: true } })).toMatchObject({
        refused: 'DirectoryLocked',
        message: expect.stringContaining(`process ${child.pid}`),
      });
  });

  test('is refused where two handles both get it', async () => {
    const lying = join(root, 'lying');
    mkdirSync(lying);
    symlinkSync(spawnSync('which', ['true'], { encoding: 'utf8' }).stdout.trim(), join(lying, 'flock'));
    expect(await start({ path: lying })).toMatchObject({
      refused: 'LockUnavailable',
      message: expect.stringContaining('two handles'),
    });
  });

  test('notices that the directory was replaced, and leaves the new one alone', () => {
    const lock = lockDirectory(directory);
    lock.verify();
    renameSync(directory, `${directory}.moved`);
    expect(() => lock.verify()).toThrow(DirectoryReplaced);
    const second = lockDirectory(directory);
    expect(() => lock.verify()).toThrow(`${directory} was moved away or replaced`);
    lock.release();
    expect(existsSync(lockFile())).toBe(true);
    second.verify();
    second.release();
  });
});

describe('the file of an earlier version', () => {
  test.each([
    ['engine', {}],
    ['local chain', { host: undefined, processStart: undefined, startedAt: startTicks() }],
    ['engine elsewhere', { host: 'another-container', pid: 1 }],
  ])('is respected while its holder lives (%s)', (_, parts) => {
    leave(parts);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLocked);
  });

  test('is taken over from a holder that has died', async () => {
    const { child } = await start();
    await kill(child);
    leave({ pid: child.pid });
    lockDirectory(directory).release();
    leave({ processStart: 'another boot 1' });
    lockDirectory(directory).release();
    leave({ host: undefined, processStart: undefined, startedAt: '1' });
    lockDirectory(directory).release();
    leave({ host: 'another-container' });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lockFile(), longAgo, longAgo);
    lockDirectory(directory).release();
  });
});

function startTicks(): string {
  if (process.platform !== 'linux') return '';
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}

const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--uts', '--kill-child'];
const isRoot = spawnSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true']).status === 0;
if (!isRoot) console.warn('LEFT OUT: locks across containers need unshare and root.');

/** The process inside, by the number that it has outside. */
const childOf = ({ pid }: ChildProcess): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());

describe.skipIf(!isRoot)('across containers (needs root)', () => {
  test.each([
    ['with the same host name', CONTAINER],
    ['with another host name', [...CONTAINER, 'sh', '-c', 'hostname other && exec "$@"', 'sh']],
  ])('the lock holds in both directions %s', async (_, wrapper) => {
    const inside = await start({ wrapper });
    expect(inside.excludes).toBe(true);
    process.kill(childOf(inside.child), 'SIGSTOP');
    rmSync(lockFile());
    expect((await start()).refused).toBe('DirectoryLocked');
    await kill(inside.child);
    directory = join(root, 'outside');
    const { child } = await start();
    expect((await start({ wrapper })).refused).toBe('DirectoryLocked');
    await kill(child);
    expect((await start({ wrapper })).excludes).toBe(true);
  });
});
