import { describe, expect, test } from 'vitest';
import type { ExecutionGuard } from '../src/domain/receipt.ts';
import type { ExecutionLimits } from '../src/execution/limits.ts';
import type { SubmitRequest } from '../src/execution/submit-order.ts';
import { createWorld } from './support/world.ts';

const TEN_SOL = 10_000_000_000n;

async function guardOf(
  limits: Partial<ExecutionLimits>,
  request: Partial<SubmitRequest>,
  sawRates = true,
): Promise<ExecutionGuard> {
  const world = await createWorld({ limits });
  const { venues, market } = world.engine;
  if (sawRates) await market.refresh({ venues, signal: new AbortController().signal });
  return (await world.submit(request)).request.executionGuard;
}

const dollars = { tokenIn: 'USDC', tokenOut: 'SOL' };

describe('an order that names no guard', () => {
  test.each(['protocol', 'strict'] as const)('gets %s where that is the default', async (executionGuard) => {
    expect(await guardOf({ executionGuard }, { amount: '900' })).toBe(executionGuard);
    expect(await guardOf({ executionGuard, strictFromLamports: TEN_SOL }, { amount: '1' })).toBe(
      executionGuard,
    );
  });

  test.each([
    ['an exact input of SOL', { amount: '10' }, { amount: '9.999999999' }],
    [
      'an exact output of SOL',
      { ...dollars, swapMode: 'exactOut', amount: '10' },
      { ...dollars, swapMode: 'exactOut', amount: '9.999999999' },
    ],
    [
      'an exact input of another token, at 150 a SOL',
      { ...dollars, amount: '1520' },
      { ...dollars, amount: '1480' },
    ],
    [
      'an exact output of another token',
      { swapMode: 'exactOut', amount: '1520' },
      { swapMode: 'exactOut', amount: '1480' },
    ],
  ] as const)('is strict from the configured size on: %s', async (_what, large, small) => {
    expect(await guardOf({ strictFromLamports: TEN_SOL }, large)).toBe('strict');
    expect(await guardOf({ strictFromLamports: TEN_SOL }, small)).toBe('protocol');
  });

  test('counts as large where no rate is known', async () => {
    expect(await guardOf({ strictFromLamports: TEN_SOL }, { ...dollars, amount: '1' }, false)).toBe('strict');
    expect(await guardOf({ strictFromLamports: 0n }, { ...dollars, amount: '1' }, false)).toBe('protocol');
  });
});

test('an order that names a guard gets it, whatever its size', async () => {
  const limits = { strictFromLamports: TEN_SOL };
  expect(await guardOf(limits, { executionGuard: 'protocol', amount: '900' })).toBe('protocol');
  expect(await guardOf(limits, { executionGuard: 'strict', amount: '1' })).toBe('strict');
});
