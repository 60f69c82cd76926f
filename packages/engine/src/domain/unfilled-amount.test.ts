import { expect, test } from 'vitest';
import { unfilledAmountIn } from './unfilled-amount.ts';

test('the unfilled amount of a partial fill is its unspent input, never below zero', () => {
  const left = [0n, 9n, 10n, 11n].map((spent) =>
    unfilledAmountIn({ swapMode: 'partialFill', amount: 10n }, spent),
  );
  expect(left).toEqual([10n, 1n, 0n, 0n]);
});

test('other modes have no unfilled amount', () => {
  expect(unfilledAmountIn({ swapMode: 'exactIn', amount: 10n }, 9n)).toBeNull();
  expect(unfilledAmountIn({ swapMode: 'exactOut', amount: 10n }, 9n)).toBeNull();
});
