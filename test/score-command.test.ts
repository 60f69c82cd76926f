import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { InvalidOption, readOptions } from '../bench/score/options.ts';

/** `npm run -s score` on seeded markets. */
const command = fileURLToPath(new URL('../scripts/score.mjs', import.meta.url));

function score(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...options], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each([
  { options: ['--max-legs', '4'], title: 'bp below the best known' },
  { options: ['--max-legs', '4', '--exact-out'], title: 'bp above the best known input' },
])('seeded markets are compared with their best known plans: $title', ({ options, title }) => {
  const { status, stdout } = score('--seeds', '401', ...options);
  const lines = stdout.trim().split('\n');
  const row = lines[lines.findIndex((line) => line.startsWith(title)) + 1];
  const worst = Number(row?.trim().split(/\s+/).at(-1));
  expect(row).toMatch(/^this router, 4 legs(?: +-?[\d.e+-]+){5}$/);
  expect(worst).toBeLessThan(1);
  expect(stdout).toMatch(/\n[4-7] of 7 references are proven to 0\.01 bp\n/);
  expect(lines.at(-1)).toBe('7 markets, 0 problems');
  expect(status).toBe(0);
});

test('an invalid range of seeds ends the command with the reason and the usage', () => {
  const { status, stderr } = score('--seeds', '408-401');
  expect(stderr).toMatch(/^--seeds takes a seed or a rising range of at most 100, .*'408-401'\nUsage: /);
  expect(status).toBe(2);
});

test.each([
  [['--seeds', '1-101'], '--seeds takes'],
  [['--seeds', 'many'], '--seeds takes'],
  [['--seeds', '401', '--max-legs', '0'], '--max-legs takes a whole number from 1'],
  [['--seeds', '401', '--nodes', '1.5'], '--nodes takes a whole number from 1'],
  [['--seeds', '401', '--seconds', '4000'], '--seconds takes a whole number from 1 to 3600'],
  [['--seeds', '401', '--merge', '500'], '--merge joins markets of a file'],
  [['--seeds', '401', 'markets.jsonl'], '--seeds replaces the file'],
  [['markets.jsonl', '--nodes', '5'], '--nodes and --seconds need --seeds'],
  [[], 'Name one file, or --seeds'],
  [['--seed', '401'], "Unknown option '--seed'"],
])('the options %j are refused with their reason', (options, reason) => {
  expect(() => readOptions(options)).toThrow(InvalidOption);
  expect(() => readOptions(options)).toThrow(reason);
});

test('a single seed and a range name the seeds to score', () => {
  expect(readOptions(['--seeds', '404'])?.source).toMatchObject({ seeds: [404] });
  expect(readOptions(['--seeds', '401-403', '--nodes', '20'])?.source).toEqual({
    seeds: [401, 402, 403],
    maxNodes: 20,
    maxSeconds: 120,
  });
});
