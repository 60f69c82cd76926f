import { expect, test } from 'vitest';
import type { QuoteRequest, Route } from './quote.ts';
import { toMint } from './token.ts';
import { gainBps, VenueGains } from './venue-gains.ts';

const token = (mint: string) => ({ mint: toMint(mint), symbol: mint, decimals: 6, tokenProgram: 'tokens' });
const request = (tokenIn: string, tokenOut: string): QuoteRequest => ({
  ...{ tokenIn: token(tokenIn), tokenOut: token(tokenOut), swapMode: 'exactIn', amount: 1n },
});
const routeOf = (amountIn: bigint, amountOut: bigint): Route => ({ legs: [], amountIn, amountOut });

test('the gain of a venue is unknown before five answers, and then the mean of the last twenty', () => {
  const gains = new VenueGains();
  for (const gain of [4, 0, 0, 0]) gains.note('v', request('A', 'B'), gain);
  expect(gains.expectedBps('v', request('A', 'B'))).toBeNull();
  gains.note('v', request('A', 'B'), 6);
  expect(gains.expectedBps('v', request('A', 'B'))).toBe(2);
  expect(gains.expectedBps('v', request('B', 'A'))).toBeNull();
  expect(gains.expectedBps('w', request('A', 'B'))).toBeNull();
  for (let round = 0; round < 20; round += 1) gains.note('v', request('A', 'B'), 1);
  expect(gains.expectedBps('v', request('A', 'B'))).toBe(1);
});

test('pairs that were asked for least recently are forgotten when there are too many', () => {
  const gains = new VenueGains();
  for (let pair = 0; pair <= 1_000; pair += 1)
    for (let round = 0; round < 5; round += 1) gains.note('v', request('A', `${pair}`), 1);
  expect(gains.expectedBps('v', request('A', '0'))).toBeNull();
  expect(gains.expectedBps('v', request('A', '1'))).toBe(1);
});

test('a gain compares prices, so that offers of different sizes can be compared', () => {
  expect(gainBps(routeOf(100n, 10_020n), routeOf(100n, 10_000n))).toBe(20);
  expect(gainBps(routeOf(50n, 5_010n), routeOf(100n, 10_000n))).toBe(20);
  expect(gainBps(routeOf(100n, 9_000n), routeOf(100n, 10_000n))).toBe(0);
});
