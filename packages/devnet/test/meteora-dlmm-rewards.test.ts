import { describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { readU64, readU128 } from '../src/pools/account-bytes.ts';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import type { DlmmPoolState, DlmmRewardState } from '../src/pools/dlmm-state.ts';
import { createDlmmWorld } from './dlmm-world.ts';
import { trader } from './program-vm.ts';

const NOW = 1_790_000_000n;
const ONE = 1n << 64n;
const keyOf = (name: string) => createSeededKeypair('dlmm reward', name).address;

const REWARD: DlmmRewardState = {
  mint: keyOf('mint'),
  vault: keyOf('vault'),
  funder: keyOf('funder'),
  duration: 1_000n,
  end: NOW - 60n,
  rate: 7n * ONE,
  lastUpdate: NOW - 100n,
  emptySeconds: 5n,
};
/** 16 bins of 1,000 Y from the active one on down, one of them without liquidity. */
const POOL: DlmmPoolState = {
  activeId: 40,
  binStep: 1,
  baseFactor: 0,
  functionType: 1,
  rewards: [REWARD, null],
  bins: Array.from({ length: 16 }, (_, index) => ({
    id: 40 - index,
    x: 0n,
    y: 1_000n,
    ...(index === 3 ? { liquidity: 0n } : {}),
    ...(index === 1 ? { earned: [ONE, 0n] as const } : {}),
  })),
};

/** Trades so much X, and reads what each bin has earned of the first reward, and its last update. */
async function tradeWithRewards(pool: DlmmPoolState, first: bigint) {
  const world = createDlmmWorld();
  world.vm.setTime({ unixTimestamp: NOW, slot: 5_000n });
  await world.place(pool);
  const swap = world.swap({ isXToY: true, first, second: 0n });
  const outcome = world.vm.run(trader, [MOST_COMPUTE_UNITS, swap]);
  const { pool: address, binArrays } = world.addresses();
  const array = world.vm.data(binArrays[0]!);
  return {
    outcome,
    earned: pool.bins.map(({ id }) => readU128(array, 56 + 144 * id + 48)),
    lastUpdate: readU64(world.vm.data(address), 264 + 128),
  };
}

describe('the rewards of a Meteora DLMM pool', () => {
  test('go in equal parts to the first 15 bins of a swap, and a bin without liquidity loses its own', async () => {
    const { outcome, earned, lastUpdate } = await tradeWithRewards(POOL, 15_500n);
    expect(outcome.ok).toBe(true);
    // 40 seconds until the end, at 7 a second, in 15 parts, over 1,000 of liquidity.
    const each = (40n * 7n * ONE) / 15n / 1_000n;
    const expected = POOL.bins.map((_, index) => (index === 3 || index === 15 ? 0n : each));
    expected[1]! += ONE;
    expect(earned).toEqual(expected);
    expect(lastUpdate).toBe(REWARD.end);
  });

  test('go to the one bin that a small swap trades in', async () => {
    const { earned } = await tradeWithRewards(POOL, 10n);
    expect(earned[0]).toBe((40n * 7n * ONE) / 1_000n);
    expect(earned[2]).toBe(0n);
  });

  test('are left alone where limit orders use their bytes', async () => {
    const { outcome, earned, lastUpdate } = await tradeWithRewards({ ...POOL, functionType: 2 }, 10n);
    expect(outcome.ok).toBe(true);
    expect(earned[0]).toBe(0n);
    expect(lastUpdate).toBe(REWARD.lastUpdate);
  });

  test('stop a swap whose clock is behind their last update', async () => {
    const rewards = [{ ...REWARD, lastUpdate: NOW + 1n, end: NOW + 60n }, null];
    expect((await tradeWithRewards({ ...POOL, rewards }, 10n)).outcome).toMatchObject({
      ok: false,
      code: 6018,
    });
  });
});
