import { expect, test } from 'vitest';
import { type Signature, toSignature } from '../../domain/signature.ts';
import { createBlockHistory } from './block-history.ts';

const NAMES = ['a', 'b', 'c', 'd'].map(toSignature);
const execution = (signature: Signature) => ({
  signature,
  error: null,
  feeLamports: 0n,
  balances: new Map(),
});

test('keeps the given number of newest landings and forgets the others', () => {
  const history = createBlockHistory({ confirmed: 1n, finalized: 2n });
  for (const [index, signature] of NAMES.entries()) history.add(BigInt(100 + index), execution(signature));
  expect(history.keepNewest(2).map((landing) => landing.execution.signature)).toEqual(['a', 'b']);
  expect(history.standing().map((landing) => landing.slot)).toEqual([102n, 103n]);
  expect(NAMES.map((signature) => history.hasLanded(signature))).toEqual([false, false, true, true]);
  expect(history.keepNewest(2)).toEqual([]);
});
