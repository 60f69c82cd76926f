import { expect, test } from 'vitest';
import { highestInput, InvalidBasisPoints, lowestOutput } from './basis-points.ts';

test('the least output is lowered and rounded down, the most input raised and rounded up', () => {
  expect([0, 1, 100, 10_000].map((bps) => lowestOutput(1_999n, bps))).toEqual([1_999n, 1_998n, 1_979n, 0n]);
  expect([0, 1, 100, 10_000].map((bps) => highestInput(1_999n, bps))).toEqual([
    1_999n,
    2_000n,
    2_019n,
    3_998n,
  ]);
});

test.each([-1, 10_001, 1.5, Number.NaN])('%d are no basis points', (bps) => {
  expect(() => lowestOutput(1n, bps)).toThrow(InvalidBasisPoints);
  expect(() => highestInput(1n, bps)).toThrow(`${bps} is not a whole number of basis points`);
});
