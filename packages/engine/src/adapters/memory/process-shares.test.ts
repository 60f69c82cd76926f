import { expect, test } from 'vitest';
import { toEpochMs } from '../../domain/timestamp.ts';
import { processSharesSuite } from '../../ports/process-shares.suite.ts';
import { systemClock } from '../system/clock.ts';
import { createMemoryProcessShares } from './process-shares.ts';

processSharesSuite('memory', async () => ({
  of: () => createMemoryProcessShares(systemClock),
  close: async () => {},
}));

test('a clock that was ahead leaves no holder behind', async () => {
  let nowMs = 3_600_000;
  const shares = createMemoryProcessShares({ now: () => toEpochMs(nowMs) });
  await shares.renew('one', 5_000);
  nowMs = 0;
  expect(await shares.renew('other', 5_000)).toEqual(['other']);
});
