import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one planted suite that needs clang-19, under a PATH with or without such a program. */
function runPlantedSuite({ isInstalled, ci }: { isInstalled: boolean; ci: string }) {
  const programs = join(workspace, isInstalled ? 'with' : 'without');
  const result = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', workspace],
    {
      encoding: 'utf8',
      env: { PATH: programs, CI: ci, NO_COLOR: '1', HOME: workspace },
    },
  );
  return { exitCode: result.status, output: result.stdout + result.stderr };
}

let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'requires-'));
  mkdirSync(join(workspace, 'with'));
  mkdirSync(join(workspace, 'without'));
  writeFileSync(join(workspace, 'with/clang-19'), '#!/bin/sh\n');
  chmodSync(join(workspace, 'with/clang-19'), 0o755);
  writeFileSync(
    join(workspace, 'planted.test.ts'),
    `import { expect, test } from '${join(root, 'node_modules/vitest/dist/index.js')}';
     import { describeWith } from '${join(root, 'test/support/requires.ts')}';
     describeWith({ needs: 'clang-19' })('planted', (path) => {
       test('receives the path', () => expect(path).toBe('${join(workspace, 'with/clang-19')}'));
     });`,
  );
});

afterAll(() => rmSync(workspace, { recursive: true }));

describe('a suite that needs a program', () => {
  test('runs, with the path of the program, where it is installed', () => {
    const run = runPlantedSuite({ isInstalled: true, ci: 'true' });
    expect(run.output).toContain('1 passed');
    expect(run.exitCode).toBe(0);
  });

  test('is skipped with a warning where it is not installed', () => {
    const run = runPlantedSuite({ isInstalled: false, ci: '' });
    expect(run.output).toContain('LEFT OUT: "planted" needs clang-19');
    expect(run.output).toContain('1 skipped');
    expect(run.exitCode).toBe(0);
  });

  test('fails in CI where it is not installed', () => {
    const run = runPlantedSuite({ isInstalled: false, ci: 'true' });
    expect(run.output).toContain('1 failed');
    expect(run.exitCode).toBe(1);
  });
});
