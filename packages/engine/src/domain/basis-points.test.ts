import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highestInput, InvalidBasisPoints, lowestOutput } from './basis-points.ts';

const units = fc.bigInt(1n, 2n ** 64n - 1n);
const rates = fc.integer({ min: 0, max: 10_000 });

test('the least output is lowered and rounded up, the most input raised and rounded down', () => {
  expect([0, 1, 100, 10_000].map((bps) => lowestOutput(1_999n, bps))).toEqual([1_999n, 1_999n, 1_980n, 0n]);
  expect([0, 1, 100, 10_000].map((bps) => highestInput(1_999n, bps))).toEqual([
    1_999n,
    1_999n,
    2_018n,
    3_998n,
  ]);
});

test('a token without decimals is not sold 11 % below its quote at a tolerance of 1 %', () => {
  expect(lowestOutput(9n, 100)).toBe(9n);
  expect(highestInput(9n, 100)).toBe(9n);
});

test('rounding widens no tolerance, and narrows none by a whole unit', () => {
  fc.assert(
    fc.property(units, rates, (quoted, bps) => {
      const tolerated = quoted * BigInt(bps);
      const given = (quoted - lowestOutput(quoted, bps)) * 10_000n;
      const taken = (highestInput(quoted, bps) - quoted) * 10_000n;
      for (const loss of [given, taken]) {
        expect(loss).toBeLessThanOrEqual(tolerated);
        expect(loss).toBeGreaterThan(tolerated - 10_000n);
      }
    }),
    { numRuns: 2_000 },
  );
});

test.each([-1, 10_001, 1.5, Number.NaN])('%d are no basis points', (bps) => {
  expect(() => lowestOutput(1n, bps)).toThrow(InvalidBasisPoints);
  expect(() => highestInput(1n, bps)).toThrow(`${bps} is not a whole number of basis points`);
});
