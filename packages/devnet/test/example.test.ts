import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { SCENARIO_NAMES } from '../src/faults/scenarios.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/fault-proof-swap.mjs', import.meta.url));

beforeAll(async () => {
  await build();
});

test('the example swaps exactly once under every scenario', { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, [EXAMPLE], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'close');
  const swapped = [...output.matchAll(/^ok {3}(\w+): 1 swap,/gm)].map(([, scenario]) => scenario);
  expect(swapped, output).toEqual(SCENARIO_NAMES);
  expect(code).toBe(0);
});
