import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

/** `npm run -s vectors` on what `npm run differential -- --record DIR` wrote. */
const recordings = fileURLToPath(new URL('../packages/devnet/test/vectors/differential/', import.meta.url));
const command = fileURLToPath(new URL('../scripts/vectors.mjs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'vectors-'));
afterAll(() => rmSync(directory, { recursive: true }));

function check(...files: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...files], { encoding: 'utf8' });
  return { status, lines: stdout.trim().split('\n'), stderr };
}

/** A recording that was changed by hand. */
// biome-ignore lint/suspicious/noExplicitAny: the change knows the form of the recording
function changed(kind: string, change: (cases: any[]) => void): string {
  const cases = JSON.parse(readFileSync(join(recordings, `${kind}.json`), 'utf8'));
  change(cases);
  const path = join(directory, `${kind}.json`);
  writeFileSync(path, JSON.stringify(cases));
  return path;
}

test.each(readdirSync(recordings))('the swaps recorded in %s equal the quotes', (name) => {
  const { status, lines } = check(join(recordings, name));
  expect(lines.at(-1)).toMatch(/^(?:[4-9]\d|\d{3,}) passed, 0 failed$/);
  expect(status).toBe(0);
});

test('a recorded series of swaps whose volatility decays equals the quotes', () => {
  const { status, lines } = check(join(recordings, '../meteora-dlmm-volatility.json'));
  expect(lines.at(-1)).toBe('5 passed, 0 failed');
  expect(status).toBe(0);
});

test('a recorded swap that gave a unit more, or was refused within its limit, fails and is reported with its figures', () => {
  const more = changed('raydium-cpmm', (cases) => {
    const landed = cases.find(({ steps }) => steps[0].error === null && !steps[0].isSpoiled);
    const address = ['user0', 'user1']
      .map((name) => landed.accounts[name].address)
      .findLast((user) => landed.steps[0].accounts[4] !== `${user}+w`);
    const [range] = landed.steps[0].changes[address];
    const byte = Number.parseInt(range[1].slice(0, 2), 16);
    range[1] = (byte ^ 1).toString(16).padStart(2, '0') + range[1].slice(2);
  });
  const { status, lines } = check(more);
  expect(
    lines.some((line) => /case \d+, swap 0, swap_base_\w+ .*: amountOut: expected \d+, got \d+$/.test(line)),
  ).toBe(true);
  expect(status).toBe(1);

  const within = changed('meteora-dlmm', (cases) => {
    for (const { steps } of cases)
      for (const step of steps)
        if (step.error === null && step.data.startsWith('414b3f4c')) step.error = 6003;
  });
  const refused = check(within);
  expect(refused.lines[0]).toMatch(
    /the program refused with 6003 at the limit \d+, the quote gives \d+ out$/,
  );
  expect(refused.status).toBe(1);
});

test('a file that is no recording is refused, with the reason', () => {
  const path = join(directory, 'none.json');
  writeFileSync(path, '[{"accounts":{},"steps":[]}]');
  const { status, stderr } = check(path);
  expect(stderr).toContain('a case has no account named "pool"');
  expect(status).toBe(1);
});
