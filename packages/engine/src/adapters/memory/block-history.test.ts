import { expect, test } from 'vitest';
import { createBlockHistory } from './block-history.ts';

const execution = (signature: string) => ({ signature, error: null, feeLamports: 0n, balances: new Map() });

test('keeps the given number of newest landings and forgets the others', () => {
  const history = createBlockHistory({ confirmed: 1n, finalized: 2n });
  for (const [index, signature] of ['a', 'b', 'c', 'd'].entries())
    history.add(BigInt(100 + index), execution(signature));
  expect(history.keepNewest(2).map((landing) => landing.execution.signature)).toEqual(['a', 'b']);
  expect(history.standing().map((landing) => landing.slot)).toEqual([102n, 103n]);
  expect(['a', 'b', 'c', 'd'].map((signature) => history.hasLanded(signature))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(history.keepNewest(2)).toEqual([]);
});
