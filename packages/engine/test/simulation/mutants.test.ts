import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../../../test/support/planted-tree.ts';
import { applyMutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const sourceOf = (file: string): string => readFileSync(join(root, 'packages/engine/src', file), 'utf8');

function sim(...args: string[]): { status: number | null; output: string } {
  const script = join(root, 'scripts/sim.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('the mutants', () => {
  test.each(MUTANTS)('$name changes its source, in one place', (mutant) => {
    const source = sourceOf(mutant.file);
    expect(applyMutant(mutant, source)).not.toBe(source);
  });

  test('have distinct names, each in the table of docs/simulation.md', () => {
    const names = MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const table = readFileSync(join(root, 'docs/simulation.md'), 'utf8').matchAll(
      /^\| `([a-z-]+)` \| .* \| I\d+ \| .* \|$/gm,
    );
    expect([...table].map(([, name]) => name)).toEqual(names);
  });

  test('are refused when their source has changed', () => {
    const [mutant] = MUTANTS;
    expect(() => applyMutant(mutant!, 'something else')).toThrow('occurs 0 times');
    expect(() => applyMutant(mutant!, mutant!.find.repeat(2))).toThrow('occurs 2 times');
  });
});

describe('npm run sim', () => {
  test('ends with 0 when no seed breaks an invariant', () => {
    const { status, output } = sim('--seeds', '3', '--from', '9007199254740980');
    expect(output).toContain('3 seeds, 0 violations');
    expect(status).toBe(0);
  });

  test('notices a mistake, reports it, and ends with 1 when a mistake escapes', () => {
    const noticed = sim('--mutant', 'send-before-record', '--seeds', '50');
    expect(noticed.output).toContain('1 of 1 mutants noticed');
    expect(noticed.output).toMatch(/`send-before-record` .* \| I2 \| - \|/);
    expect(noticed.status).toBe(0);
    const escaped = sim('--mutant', 'history-not-searched', '--seeds', '1');
    expect(escaped.output).toContain('0 of 1 mutants noticed');
    expect(escaped.status).toBe(1);
  }, 120_000); // It compiles the sources twice.

  test('ends with 1 on a violation, with the whole story and how to replay it', () => {
    const tree = join(root, 'node_modules/.cache/simulation-mutant/send-before-record');
    const file = JSON.stringify(join(tree, 'test/simulation/main.js'));
    const run = `import(${file}).then(async ({ main }) => { process.exitCode = await main(['--seeds', '50']); })`;
    const { status, stdout } = spawnSync(process.execPath, ['-e', run], { encoding: 'utf8' });
    expect(stdout).toMatch(/seed \d+ breaks I2: order \S+ sent \S+, which is not recorded/);
    expect(stdout).toMatch(/\d\.\d{3} {2}process \d {3}commit routing of o\d+: committed/);
    expect(stdout).toMatch(/Replay it with: npm run sim -- --replay \d+/);
    expect(status).toBe(1);
  });

  test.each([
    [['--seeds', '0']],
    [['--seeds', '1', '--from', '9007199254740992']],
    [['--mutant', 'nobody']],
    [['--sedes', '1']],
  ])('refuses %j', (args) => {
    const { status, output } = sim(...args);
    expect(status).toBe(2);
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  test('prints its options', () => {
    const { status, output } = sim('--help');
    expect(output).toMatch(/^Usage: npm run sim -- .*--seeds N.*--without NAME/s);
    expect(status).toBe(0);
  });
});
