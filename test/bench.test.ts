import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './support/planted-tree.ts';

const names = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, 'bench/run.mjs'), ...args], { encoding: 'utf8' });
}

describe('npm run bench', () => {
  test.each(names)('%s --help prints how it is called', (name) => {
    const { status, stdout } = bench(name, '--help');
    expect(stdout).toMatch(new RegExp(`npm run bench -- ${name}\\b`));
    expect(status).toBe(0);
  });

  test.each([
    [[]],
    [['nothing']],
    [['lifecycle', '--nothing']],
    [['devnet', 'nothing']],
    [['sockets', '--part', 'x']],
  ])('%j ends with 2 and one line that says what is possible', (args) => {
    const { status, stderr } = bench(...args);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  test('measures the lifecycle of orders against an engine as it is built', { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = bench('lifecycle', '--orders', '50', '--concurrency', '10');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ benchmark: 'lifecycle', orders: 50, eventsPerOrder: 5 });
    expect(status).toBe(0);
  });
});
