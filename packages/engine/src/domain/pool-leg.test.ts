import { expect, test } from 'vitest';
import { poolLeg } from './pool-leg.ts';
import { toMint } from './token.ts';

const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 't' });
const [A, B] = [token('A'), token('B')];
const POOL = {
  ...{ venue: 'v', address: 'p', kind: 'k' },
  tokens: [A, B] as const,
  vaults: ['a', 'b'] as const,
};
const quoteOf = (feeIn: bigint, feeOut: bigint) =>
  ({ amountIn: 1_000n, amountOut: 500n, feeIn, feeOut }) as Parameters<typeof poolLeg>[2];

test('a leg goes through a pool in the direction of the quote', () => {
  expect(poolLeg(POOL, 0, quoteOf(3n, 0n))).toEqual({
    ...{ venue: 'v', pool: 'p', poolKind: 'k', tokenIn: A, tokenOut: B, vaultIn: 'a', vaultOut: 'b' },
    ...{ amountIn: 1_000n, amountOut: 500n, fee: 3n, feeToken: A },
  });
  expect(poolLeg(POOL, 1, quoteOf(3n, 0n))).toMatchObject({
    ...{ tokenIn: B, tokenOut: A, vaultIn: 'b', vaultOut: 'a', feeToken: B },
  });
});

test.each([
  ['the output alone', 0n, 5n, 5n, B],
  ['the input alone', 5n, 0n, 5n, A],
  ['both, in the input at the rate of the swap', 3n, 5n, 13n, A],
  ['neither', 0n, 0n, 0n, A],
])('a fee on %s', (_, feeIn, feeOut, fee, feeToken) => {
  expect(poolLeg(POOL, 0, quoteOf(feeIn, feeOut))).toMatchObject({ fee, feeToken });
});
