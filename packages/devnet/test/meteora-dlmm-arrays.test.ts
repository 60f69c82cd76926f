import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPoolSwap } from '../src/market/pool-swap.ts';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import { createDlmmWorld, type DlmmWorld } from './dlmm-world.ts';
import { trader } from './program-vm.ts';

interface Vector {
  readonly isXToY: boolean;
  readonly amountIn: string;
  readonly arrays: readonly number[];
  readonly amountOut?: string;
}

/** What mainnet's program answered to the same swaps with its bin arrays named in different orders. */
const recorded: {
  pool: { activeId: number; binStep: number; baseFactor: number; firstBin: number; lastBin: number };
  vectors: readonly Vector[];
} = JSON.parse(readFileSync(new URL('vectors/meteora-dlmm-arrays.json', import.meta.url), 'utf8'));
const served = recorded.vectors.filter(({ amountOut }) => amountOut !== undefined);

async function placed(): Promise<DlmmWorld> {
  const { firstBin, lastBin, ...pool } = recorded.pool;
  const world = createDlmmWorld();
  const ids = Array.from({ length: lastBin - firstBin + 1 }, (_, index) => firstBin + index);
  const bins = ids.map((id) => ({
    id,
    x: id >= pool.activeId ? 1_000_000n : 0n,
    y: id <= pool.activeId ? 1_000_000n : 0n,
  }));
  await world.place({ ...pool, bins });
  return world;
}

test.each(served)("moves what mainnet's program moved: $amountIn over $arrays", async (vector) => {
  const world = await placed();
  const { binArrays } = world.addresses();
  const { isXToY, arrays } = vector;
  const swap = world.swap({
    isXToY,
    first: BigInt(vector.amountIn),
    second: 0n,
    binArrays: arrays.map((index) => binArrays[index]!),
  });
  expect(world.vm.run(trader, [MOST_COMPUTE_UNITS, swap]).ok).toBe(true);
  const { x, y } = world.deltas();
  expect(isXToY ? y : x).toBe(BigInt(vector.amountOut!));
});

test.each([true, false])(
  'names the arrays in the order in which the price passes them, falling: %s',
  async (isFalling) => {
    const world = await placed();
    const parts = world.addresses();
    const swap = createPoolSwap({
      pool: {
        kind: 'meteora-dlmm',
        address: parts.pool,
        mint0: parts.mintX,
        mint1: parts.mintY,
        feeBps: 100,
        parts,
      },
      isZeroForOne: isFalling,
      payer: trader.address,
      userIn: isFalling ? world.userX : world.userY,
      userOut: isFalling ? world.userY : world.userX,
      amountIn: 30_000_000n,
      minAmountOut: 0n,
    });
    const indexOf = new Map(
      Object.entries(parts.binArrays).map(([index, address]) => [address, Number(index)]),
    );
    const order = isFalling ? [2, 1, 0, -1, -2, -3] : [-3, -2, -1, 0, 1, 2];
    expect(swap.accounts.slice(16).map(({ address }) => indexOf.get(address))).toEqual(order);
  },
);
