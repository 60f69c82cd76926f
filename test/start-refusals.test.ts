import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
];

test.each(REFUSALS)(
  'a DATA_DIR that is %s is refused in one line',
  async (_, lay, said) => {
    const dataDir = join(root, 'data');
    lay(dataDir);
    const env = { DATA_DIR: dataDir };
    const engine = spawnEngine({ dataDir: root, port: await freePort(), devnetPort: await freePort(), env });
    await expect.poll(() => engine.child.exitCode, { timeout: 60_000 }).toBe(1);
    const lines = engine.output().trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(said);
    expect(lines[0]).toMatch(/^Cannot start: /);
  },
  90_000,
);
