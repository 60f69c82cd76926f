import type { RaydiumCpmmPool } from '@oee/amm';
import { expect, test } from 'vitest';
import type { MarketState, PoolState } from './pool-state.ts';
import { PriceHistory } from './price-history.ts';

const marketOf = (slot: number, ...reserves: RaydiumCpmmPool['reserves'][]): MarketState => ({
  slot: BigInt(slot),
  clock: { slot: BigInt(slot), unixTimestamp: 0n },
  pools: reserves.map((own, index) => ({
    address: `p${index}`,
    pool: {
      ...{ kind: 'raydium-cpmm', reserves: own, tradeFeeRate: 0n, protocolFeeRate: 0n, fundFeeRate: 0n },
      ...{ creatorFeeRate: 0n, creatorFeeOn: 'input' },
      window: { isEnabled: true, opensAt: 0n, pointKind: 'slot' },
    },
  })) as unknown as PoolState[],
});
/** A price of 1 at even slots, of one and a half at odd ones. */
const at = (slot: number) => marketOf(slot, [1_000n, slot % 2 === 0 ? 1_000n : 1_500n]);
const STEP_BPS = Math.log(1.5) * 10_000;

function watched(slots: readonly number[]): PriceHistory {
  const history = new PriceHistory();
  for (const slot of slots) history.observe(at(slot));
  return history;
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('the history notes a slot once, and no slot older than the newest', () => {
  const history = watched([1, 2, 3, 4, 5, 6, 7]);
  for (const slot of [7, 6, 1]) history.observe(at(slot));
  expect(history.movePerSlotBps('p0')).toBeNull();
  history.observe(at(8));
  expect(history.movePerSlotBps('p0')).toBeCloseTo(STEP_BPS, 6);
});

test('the history drops prices older than 150 slots', () => {
  const still = range(1, 7).map((slot) => slot * 2);
  expect(watched([...still, 152]).movePerSlotBps('p0')).toBe(0);
  expect(watched([...still, 153]).movePerSlotBps('p0')).toBeNull();
});

test('the history keeps the last 64 prices', () => {
  // The price moved once, 63 steps before the last.
  const slots = [1, ...range(1, 63).map((index) => index * 2)];
  expect(watched(slots).movePerSlotBps('p0')).toBeCloseTo(STEP_BPS / Math.sqrt(125), 6);
  expect(watched([...slots, 128]).movePerSlotBps('p0')).toBe(0);
});

test('each pool has a separate history, and an empty pool has no price', () => {
  const history = new PriceHistory();
  for (const slot of range(1, 8))
    history.observe(marketOf(slot, [1_000n, 1_000n], [0n, 0n], [1_000n, slot % 2 === 0 ? 1_000n : 1_500n]));
  expect(history.movePerSlotBps('p0')).toBe(0);
  expect(history.movePerSlotBps('p1')).toBeNull();
  expect(history.movePerSlotBps('p2')).toBeCloseTo(STEP_BPS, 6);
});

test('the history passes on an error that is no refusal', () => {
  const broken = { ...at(1), pools: [{ address: 'p0', pool: null }] } as unknown as MarketState;
  expect(() => new PriceHistory().observe(broken)).toThrow(TypeError);
});
