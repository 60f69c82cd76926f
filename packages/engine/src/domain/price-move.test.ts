import { expect, test } from 'vitest';
import { highestInput, lowestOutput } from './basis-points.ts';
import { allowedMove, priceMove } from './price-move.ts';

const terms = (swapMode: 'exactIn' | 'exactOut', slippageBps: number | 'auto' = 100) => ({
  ...{ swapMode, slippageBps },
  ...{ minAmountOut: null, maxAmountIn: null },
});

test('the move of an output is the part of the first output that it lost', () => {
  const limit = lowestOutput(1_000_000n, 100);
  const moved = (offered: bigint) => priceMove(terms('exactIn'), limit, { offered, limit })?.movedBps;
  expect([989_999n, 982_000n, 500_000n, 0n].map(moved)).toEqual([101, 180, 5_000, 10_000]);
});

test('the move of an input is its growth over the first input', () => {
  const limit = highestInput(1_000_000n, 100);
  const moved = (offered: bigint) => priceMove(terms('exactOut'), limit, { offered, limit })?.movedBps;
  expect([1_010_001n, 1_018_000n, 3_000_000n].map(moved)).toEqual([101, 180, 20_000]);
});

test("an order with an absolute limit or the engine's tolerance allows no stated move", () => {
  expect(allowedMove(terms('exactIn'), 99n)).toEqual({ allowedBps: 100 });
  expect(allowedMove({ ...terms('exactIn'), minAmountOut: 99n }, 99n)).toBeUndefined();
  expect(allowedMove({ ...terms('exactOut'), maxAmountIn: 99n }, 99n)).toBeUndefined();
  expect(allowedMove(terms('exactIn', 'auto'), 99n)).toBeUndefined();
  expect(allowedMove(terms('exactIn'), null)).toBeUndefined();
});
