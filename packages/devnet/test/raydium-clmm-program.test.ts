import { sqrtPriceAtTick } from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { readU64 } from '../src/pools/account-bytes.ts';
import { clmmLiquidity } from '../src/pools/clmm-liquidity.ts';
import type { ClmmOrders, ClmmPoolState } from '../src/pools/clmm-state.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createTokenAccount } from '../src/pools/token-accounts.ts';
import { type ClmmWorld, createClmmWorld } from './clmm-world.ts';
import { trader } from './program-vm.ts';

const NOW = 1_790_000_000n;
const MOST = 2n ** 64n - 1n;
/** Positions in three arrays of 600 ticks. */
const POSITIONS = [
  { lower: -500, upper: 500, liquidity: 10n ** 12n },
  { lower: -1_000, upper: 900, liquidity: 10n ** 11n },
];
const ONE: ClmmPoolState = {
  sqrtPrice: sqrtPriceAtTick(0) + 1n,
  tickSpacing: 10,
  ...clmmLiquidity(POSITIONS, 0),
};
const foreign = (name: string) => createSeededKeypair('foreign', name).address;
const withOrders = (tick: number, orders: ClmmOrders): ClmmPoolState => ({
  ...ONE,
  ticks: [...ONE.ticks, { tick, net: 0n, gross: 0n, orders }],
});

describe('the Raydium CLMM program', () => {
  let world: ClmmWorld;
  let swap: SwapInstruction;

  beforeEach(async () => {
    world = await createClmmWorld();
    world.vm.setTime({ unixTimestamp: NOW });
    await world.place(ONE);
    swap = world.swap({ isZeroForOne: true, amount: 1_000_000n, threshold: 0n });
  });

  function expectRefused(instruction: SwapInstruction, code: number | null) {
    const before = world.vm.data(world.addresses().pool);
    expect(world.vm.run(trader, [instruction])).toMatchObject({ ok: false, code });
    expect(world.vm.data(world.addresses().pool)).toEqual(before);
    expect(world.deltas()).toEqual([0n, 0n]);
  }

  const withAccount = (index: number, address: string): SwapInstruction => ({
    ...swap,
    accounts: swap.accounts.map((meta, at) => (at === index ? { ...meta, address } : meta)),
  });

  test('refuses a payer who did not sign', () => {
    const accounts = swap.accounts.map((meta, at) =>
      at === 0 ? { ...meta, address: foreign('victim'), isSigner: false } : meta,
    );
    expectRefused({ ...swap, accounts }, 3010);
  });

  test('refuses to spend the tokens of another wallet', () => {
    const { mint0: mint } = world.addresses();
    const account = { address: foreign('account'), mint, owner: foreign('victim'), amount: 10n ** 9n };
    world.vm.set([createTokenAccount(account)]);
    expectRefused(withAccount(3, account.address), 4);
    expect(world.vm.tokenAmount(account.address)).toBe(10n ** 9n);
  });

  test('refuses a vault that is not the pool’s, and one vault on both sides', () => {
    const { mint0, vault0 } = world.addresses();
    const address = foreign('vault');
    world.vm.set([createTokenAccount({ address, mint: mint0, owner: trader.address, amount: 0n })]);
    expectRefused(withAccount(5, address), 6025);
    expectRefused(withAccount(6, vault0), 2012);
  });

  test('refuses a pool and a tick array that another program owns', () => {
    const { pool, tickArrays } = world.addresses();
    for (const [index, address] of [
      [2, pool],
      [13, tickArrays[0]!],
    ] as const) {
      const copy = {
        address: foreign(address),
        lamports: 10n ** 9n,
        owner: TOKEN_PROGRAM,
        executable: false,
      };
      world.vm.set([{ ...copy, data: world.vm.data(address) }]);
      expectRefused(withAccount(index, copy.address), 3007);
    }
  });

  test('refuses arrays in another order than that of the price, and too few of them', () => {
    const { tickArrays } = world.addresses();
    const [below, here, above] = [-600, 0, 600].map((start) => tickArrays[start]!) as [
      string,
      string,
      string,
    ];
    const named = (remaining: readonly string[], isZeroForOne = true) =>
      world.swap({ isZeroForOne, amount: 2n * 10n ** 10n, threshold: 0n, remaining });
    expectRefused(named([below, here]), 6027);
    expectRefused(named([here]), 6027);
    expectRefused(named([above]), 6028);
    expectRefused(named([]), null);
    expect(world.vm.run(trader, [named([above, here, below])])).toMatchObject({ ok: true });
  });

  test('holds an exact input to its least output and an exact output to its most input', async () => {
    const moved = async (request: { amount: bigint; threshold: bigint; isExactOut: boolean }) => {
      await world.place(ONE);
      const outcome = world.vm.run(trader, [world.swap({ isZeroForOne: true, ...request })]);
      return outcome.ok ? world.deltas() : outcome.code;
    };
    const exactIn = { amount: 1_000_000n, isExactOut: false };
    const [, received] = (await moved({ ...exactIn, threshold: 0n })) as [bigint, bigint];
    expect(await moved({ ...exactIn, threshold: received })).toEqual([-1_000_000n, received]);
    expect(await moved({ ...exactIn, threshold: received + 1n })).toBe(6022);
    const exactOut = { amount: 1_000_000n, isExactOut: true };
    const [paid] = (await moved({ ...exactOut, threshold: MOST })) as [bigint, bigint];
    expect(await moved({ ...exactOut, threshold: -paid })).toEqual([paid, 1_000_000n]);
    expect(await moved({ ...exactOut, threshold: -paid - 1n })).toBe(6023);
  });

  test('fills a part up to a limit of the price, and refuses a limit behind it', () => {
    const limited = (tick: number) =>
      world.swap({
        isZeroForOne: true,
        amount: 10n ** 12n,
        threshold: 0n,
        sqrtPriceLimit: sqrtPriceAtTick(tick),
      });
    expectRefused(limited(1), 6013);
    expect(world.vm.run(trader, [limited(-7)])).toMatchObject({ ok: true });
    expect(world.deltas()[0]).toBeGreaterThan(-(10n ** 12n));
    const pool = Buffer.from(world.vm.data(world.addresses().pool));
    expect(pool.readInt32LE(269)).toBe(-7);
  });

  test('refuses while swaps are disabled, and before and at the opening time', async () => {
    const small = () => world.swap({ isZeroForOne: true, amount: 1_000n, threshold: 0n });
    await world.place({ ...ONE, status: 16 });
    expectRefused(small(), 6001);
    await world.place({ ...ONE, openTime: NOW });
    expectRefused(small(), 2505);
    await world.place({ ...ONE, openTime: NOW - 1n });
    expect(world.vm.run(trader, [small()])).toMatchObject({ ok: true });
  });

  test('names missing liquidity and a missing extension in its error', async () => {
    const { bitmapExtension } = world.addresses();
    const whole = { isZeroForOne: false, amount: 10n ** 15n, threshold: 0n };
    expectRefused(world.swap(whole), 6040);
    const arrays = world
      .swap(whole)
      .accounts.slice(13)
      .map(({ address }) => address);
    expectRefused(world.swap({ ...whole, remaining: [bitmapExtension, ...arrays] }), 6019);
  });

  test('takes a tick out of its array, and an array out of the bitmap, with its last limit order', async () => {
    // Nothing but the order is in the array from 1200 on.
    await world.place(withOrders(1_300, { untouched: 5_000n, left: 0n }));
    const { pool, tickArrays } = world.addresses();
    const isKnown = () => (world.vm.data(pool)[904 + (514 >> 3)]! >> (514 & 7)) & 1;
    expect(isKnown()).toBe(1);
    const buy = (amount: bigint, sqrtPriceLimit = sqrtPriceAtTick(1_400)) =>
      world.swap({ isZeroForOne: false, amount, threshold: 0n, sqrtPriceLimit });
    expect(world.vm.run(trader, [buy(10n ** 15n, sqrtPriceAtTick(1_300) - 1n)])).toMatchObject({ ok: true });
    const before = world.deltas()[0];
    // Half of it first: the tick stays, and the price with it.
    expect(world.vm.run(trader, [buy(2_500n)])).toMatchObject({ ok: true });
    const half = world.deltas()[0] - before;
    expect(half).toBeGreaterThan(2_000n);
    const left = readU64(world.vm.data(tickArrays[1_200]!), 44 + 10 * 168 + 132);
    expect(left).toBe(5_000n - half);
    expect(isKnown()).toBe(1);
    const rest = world.swap({
      isZeroForOne: false,
      isExactOut: true,
      amount: left,
      threshold: MOST,
      sqrtPriceLimit: sqrtPriceAtTick(1_400),
    });
    expect(world.vm.run(trader, [rest])).toMatchObject({ ok: true });
    expect(world.deltas()[0] - before).toBe(5_000n);
    expect(isKnown()).toBe(0);
  });

  test('lets a fee that follows volatility rise with the swap, and remembers it', async () => {
    const dynamicFee = {
      ...{ filterPeriod: 30, decayPeriod: 600, reductionFactor: 5_000, control: 50_000 },
      ...{
        maxVolatility: 4_000_000,
        groupReference: 0,
        volatilityReference: 0,
        volatility: 0,
        updatedAt: 0n,
      },
    };
    const sell = () => world.swap({ isZeroForOne: true, amount: 10n ** 10n, threshold: 0n });
    const received = async (state: ClmmPoolState) => {
      await world.place(state);
      expect(world.vm.run(trader, [sell()])).toMatchObject({ ok: true });
      return world.deltas()[1];
    };
    const constant = await received(ONE);
    expect(await received({ ...ONE, dynamicFee })).toBeLessThan(constant);
    const pool = Buffer.from(world.vm.data(world.addresses().pool));
    // About twenty groups of ten ticks.
    expect(pool.readUInt32LE(1_118)).toBeGreaterThan(100_000);
    expect(pool.readBigUInt64LE(1_122)).toBe(NOW);
  });
});
