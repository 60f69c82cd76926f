import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { runSeed } from './run-seed.ts';

test('keeps no part of its world in memory, so that a run may have any length', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heldBytes = async (): Promise<number> => {
    for (let seed = 0; seed < 60; seed += 1) await runSeed(seed);
    collect();
    return process.memoryUsage().heapUsed;
  };
  await heldBytes();
  const before = await heldBytes();
  expect((await heldBytes()) - before).toBeLessThan(2_000_000);
});
