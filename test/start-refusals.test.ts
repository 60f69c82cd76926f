import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort, spawnEngine } from './support/engine-process.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'oee-refusal-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const REFUSALS: [what: string, lay: (dataDir: string) => void, said: RegExp][] = [
  [
    'a file',
    (dataDir) => writeFileSync(dataDir, ''),
    /EEXIST.* \(there is a file, where a directory is meant\)/,
  ],
  [
    'a directory with a foreign pgdata',
    (dataDir) => mkdirSync(join(dataDir, 'database', 'pgdata'), { recursive: true }),
    /pgdata is not used, since the file oee-complete/,
  ],
  [
    'a directory whose database is damaged',
    (dataDir) => {
      mkdirSync(join(dataDir, 'database', 'pgdata'), { recursive: true });
      for (const name of ['oee-complete', 'PG_VERSION'])
        writeFileSync(join(dataDir, 'database', 'pgdata', name), '');
    },
    /the database in .*pgdata cannot be opened \(.+\): put back a backup/,
  ],
  [
    'a directory with a directory as wallet',
    (dataDir) => mkdirSync(join(dataDir, 'wallet.json'), { recursive: true }),
    /wallet\.json is no file, but a directory/,
  ],
];

test.each(REFUSALS)(
  'a DATA_DIR that is %s is refused in one line',
  async (_, lay, said) => {
    const dataDir = join(root, 'data');
    lay(dataDir);
    expect(await refusalOf(dataDir)).toMatch(said);
  },
  90_000,
);

/** Before the engine, with the DATA_DIR as `$1`; the file system is seen by its process alone. */
const MOUNTS: [what: string, mount: string, said: RegExp][] = [
  [
    'read-only',
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"',
    /EROFS.* \(the file system is read-only: name a DATA_DIR that can be written\)/,
  ],
  ['full', 'mount -t tmpfs -o size=4m none "$1"', /ENOSPC.* \(the disk of DATA_DIR is full\)/],
  ['out of inodes', 'mount -t tmpfs -o nr_inodes=200 none "$1"', /ENOSPC.* \(the disk of DATA_DIR is full\)/],
];
const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!canMount)
  console.warn('LEFT OUT: a DATA_DIR on a read-only or full file system needs unshare and root.');

const mounted = test.runIf(canMount); // Mounting needs unshare and root.
mounted.each(MOUNTS)(
  'a DATA_DIR whose file system is %s is refused in one line',
  async (_, mount, said) => {
    const dataDir = join(root, 'data');
    mkdirSync(dataDir);
    const shell = ['unshare', '--mount', 'sh', '-c', `${mount} && shift && exec "$@"`, 'sh', dataDir];
    expect(await refusalOf(dataDir, shell)).toMatch(said);
  },
  90_000,
);

/** The one line that an engine says before it ends. */
async function refusalOf(dataDir: string, wrapper: readonly string[] = []): Promise<string> {
  const ports = { port: await freePort(), devnetPort: await freePort() };
  const engine = spawnEngine({ dataDir: root, ...ports, wrapper, env: { DATA_DIR: dataDir } });
  await expect.poll(() => engine.child.exitCode, { timeout: 60_000 }).toBe(1);
  const lines = engine.output().trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Cannot start: /);
  return lines[0]!;
}

const PROGRAMS = ['serve', 'serve-api', 'work', 'migrate-database', 'move', 'rebind']
  .map((name) => `packages/engine/dist/main/${name}.js`)
  .concat('packages/devnet/dist/main.js');
test.each(PROGRAMS)(
  '%s refuses in one line when its limit of open files is too low',
  (program) => {
    const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
    for (const limit of [24, 64, 256, 383]) {
      const shell = ['-c', `ulimit -n ${limit} && exec "$@"`, 'sh', process.execPath, path];
      const { status, stdout, stderr } = spawnSync('sh', shell, { encoding: 'utf8', timeout: 60_000 });
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        `Cannot start: this process may have ${limit} files open, and needs 384: raise the limit (ulimit -n)\n`,
      ]);
    }
  },
  120_000,
);
