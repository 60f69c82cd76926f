import { METEORA_DAMM_V2_PROGRAM } from '@oee/amm';
import { INSTRUCTIONS_SYSVAR, TOKEN_PROGRAM } from '@oee/solana';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { readU64, readU128 } from '../src/pools/account-bytes.ts';
import {
  createDammPool,
  DAMM_MAX_SQRT_PRICE,
  DAMM_MIN_SQRT_PRICE,
  type DammPoolState,
} from '../src/pools/meteora-damm-v2.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createDammWorld, type DammWorld, USER_START, VAULT_START } from './damm-world.ts';
import { trader } from './program-vm.ts';

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const NOW = 1_790_000_000n;
const foreign = (name: string) => createSeededKeypair('foreign', name).address;

function withAccount(swap: SwapInstruction, index: number, address: string): SwapInstruction {
  return { ...swap, accounts: swap.accounts.map((meta, at) => (at === index ? { ...meta, address } : meta)) };
}

describe('the Meteora DAMM v2 program', () => {
  let world: DammWorld;
  let swap: SwapInstruction;

  beforeEach(async () => {
    world = await createDammWorld();
    world.vm.setTime({ unixTimestamp: NOW, slot: 5_000n });
    world.place({});
    swap = world.swap({ isAToB: true, amount0: 1_000_000n, amount1: 0n });
  });

  function expectRefused(instruction: SwapInstruction, code: number | null) {
    const before = world.vm.data(world.addresses.pool);
    expect(world.vm.run(trader, [instruction])).toMatchObject({ ok: false, code });
    expect(world.vm.data(world.addresses.pool)).toEqual(before);
    expect(world.deltas()).toEqual({ a: 0n, b: 0n });
    expect(world.vm.tokenAmount(world.addresses.vaultB)).toBe(VAULT_START);
  }

  test('refuses a payer who did not sign', () => {
    const accounts = swap.accounts.map((meta, at) =>
      at === 8 ? { ...meta, address: foreign('victim'), isSigner: false } : meta,
    );
    const payer = { address: trader.address, isSigner: true, isWritable: true };
    expectRefused({ ...swap, accounts: [...accounts, payer] }, 3010);
  });

  test('refuses to spend the tokens of another wallet', () => {
    const account = createTokenAccount({
      address: foreign('account'),
      mint: world.addresses.mintA,
      owner: foreign('victim'),
      amount: 10n ** 9n,
    });
    world.vm.set([account]);
    expect(world.vm.run(trader, [withAccount(swap, 2, account.address)]).ok).toBe(false);
    expect(world.vm.tokenAmount(account.address)).toBe(10n ** 9n);
  });

  test('refuses vaults and mints that are not the pool’s', () => {
    const vault = createTokenAccount({
      address: foreign('vault'),
      mint: world.addresses.mintA,
      owner: trader.address,
      amount: 0n,
    });
    world.vm.set([vault]);
    expectRefused(withAccount(swap, 4, vault.address), 2001);
    expectRefused(withAccount(swap, 5, world.addresses.vaultA), 2001);
    expectRefused(withAccount(swap, 6, world.addresses.mintB), 2014);
  });

  test.each(['mintA', 'mintB'] as const)('refuses %s that no token program owns', (name) => {
    const mint = createMint({
      address: world.addresses[name],
      decimals: name === 'mintA' ? 9 : 6,
      supply: 10n ** 19n,
    });
    world.vm.set([{ ...mint, owner: METEORA_DAMM_V2_PROGRAM }]);
    expectRefused(swap, 3007);
  });

  test('refuses a foreign authority, token program or event authority', () => {
    expectRefused(withAccount(swap, 0, foreign('authority')), 2012);
    expectRefused(withAccount(swap, 9, TOKEN_2022), 2021);
    expectRefused(withAccount(swap, 12, foreign('events')), 2006);
    // The last account is only what the event needs: the program itself, which is there anyhow.
    expect(world.vm.run(trader, [withAccount(swap, 13, TOKEN_PROGRAM)])).toMatchObject({ ok: true });
  });

  test('refuses a pool account that another program owns, or that is no pool', () => {
    const state = { ...POOL, collectFeeMode: 0 };
    const pool = createDammPool({ ...world.addresses, pool: foreign('pool') }, state);
    world.vm.set([{ ...pool, owner: TOKEN_PROGRAM }]);
    expectRefused(withAccount(swap, 1, pool.address), 3007);
    world.vm.set([{ ...pool, data: new Uint8Array(1_112) }]);
    expectRefused(withAccount(swap, 1, pool.address), 3002);
    world.vm.set([{ ...pool, data: pool.data.slice(0, 1_111) }]);
    expectRefused(withAccount(swap, 1, pool.address), null); // The program of mainnet panics.
  });

  test('refuses an input account of a third token', () => {
    const account = createTokenAccount({
      address: foreign('third'),
      mint: foreign('mint'),
      owner: trader.address,
      amount: 5n,
    });
    world.vm.set([account]);
    expectRefused(withAccount(swap, 2, account.address), 1); // It counts as a purchase with token B, which is not there.
  });

  test('refuses while disabled and before its activation, by slot or by time', () => {
    world.place({ status: 1 });
    expectRefused(swap, 6003);
    world.place({ activationPoint: 5_001n });
    expectRefused(swap, 6003);
    world.place({ activationType: 1, activationPoint: NOW + 1n });
    expectRefused(swap, 6003);
    world.place({ activationType: 1, activationPoint: NOW });
    expect(world.vm.run(trader, [swap])).toMatchObject({ ok: true });
  });

  test('refuses an unknown base fee mode and serves a pool that compounds', () => {
    world.place({ baseFee: { cliffFeeNumerator: 1_000_000n, mode: 5 } });
    expectRefused(swap, 6047);
    world.place({ collectFeeMode: 2, tokenAAmount: 10n ** 12n, tokenBAmount: 10n ** 12n, layoutVersion: 1 });
    expect(world.vm.run(trader, [swap])).toMatchObject({ ok: true });
  });

  test('wants the sysvar of instructions while a rate limiter is active, and one swap of the pool', () => {
    const buy = world.swap({ isAToB: false, amount0: 1_000_000n, amount1: 0n });
    const limited = {
      ...buy,
      accounts: [...buy.accounts, { address: INSTRUCTIONS_SYSVAR, isSigner: false, isWritable: false }],
    };
    world.place({ baseFee: limiter, activationPoint: 4_990n, collectFeeMode: 1 });
    expectRefused(buy, 6049);
    expect(world.vm.run(trader, [limited])).toMatchObject({ ok: true });
    expect(world.vm.run(trader, [limited, limited])).toMatchObject({ ok: false, code: 6049 });
  });

  test('takes the older instruction as an exact input', () => {
    world.place({});
    world.vm.run(trader, [world.swap({ isAToB: true, amount0: 1_000_000n, amount1: 0n })]);
    const deltas = world.deltas();
    world.place({});
    const older = world.swap({ isAToB: true, amount0: 1_000_000n, amount1: 0n, mode: 'none' });
    expect(older.data).toHaveLength(24);
    expect(world.vm.run(trader, [older])).toMatchObject({ ok: true });
    expect(world.deltas()).toEqual(deltas);
  });

  test('charges the plain fee where a rate limiter does not apply', () => {
    const buy = world.swap({ isAToB: false, amount0: 1_000_000n, amount1: 0n });
    world.place({ baseFee: limiter, activationPoint: 4_990n, collectFeeMode: 1 });
    expect(world.vm.run(trader, [swap])).toMatchObject({ ok: true });
    world.place({ baseFee: limiter, activationPoint: 1_000n, collectFeeMode: 1 });
    expect(world.vm.run(trader, [buy])).toMatchObject({ ok: true });
  });

  test('refuses zero amounts, an unknown mode, short data and missing accounts', () => {
    expectRefused(world.swap({ isAToB: true, amount0: 0n, amount1: 0n }), 6006);
    expectRefused(world.swap({ isAToB: true, amount0: 1n, amount1: 0n, mode: 3 }), 6018);
    expectRefused({ ...swap, data: swap.data.slice(0, 24) }, 102);
    expectRefused({ ...swap, data: new Uint8Array(25) }, 101);
    expectRefused({ ...swap, accounts: swap.accounts.slice(0, 13) }, 3005);
  });

  test('lets exact out fail above the maximum and pass at it', () => {
    const out = (amount1: bigint) => world.swap({ isAToB: true, amount0: 100_000n, amount1, mode: 2 });
    world.vm.run(trader, [out(2n ** 63n)]);
    const needed = -world.deltas().a;
    expect(world.deltas().b).toBe(100_000n);
    world.place({});
    expectRefused(out(needed - 1n), 6002);
    expect(world.vm.run(trader, [out(needed)])).toMatchObject({ ok: true });
  });

  test.each([
    { side: 'A to B', isAToB: true, collectFeeMode: 0 },
    { side: 'B to A with the fee on the input', isAToB: false, collectFeeMode: 1 },
  ])(
    'fills partly at the end of the range and takes only the input that it used: $side',
    ({ isAToB, collectFeeMode }) => {
      const narrow = {
        sqrtMinPrice: (POOL.sqrtPrice * 99n) / 100n,
        sqrtMaxPrice: (POOL.sqrtPrice * 101n) / 100n,
        collectFeeMode,
      };
      world.place(narrow);
      const all = { isAToB, amount0: 10n ** 17n, amount1: 0n };
      expectRefused(world.swap(all), 6015);
      expect(world.vm.run(trader, [world.swap({ ...all, mode: 1 })])).toMatchObject({ ok: true });

      const { a, b } = world.deltas();
      const [spent, got] = isAToB ? [-a, b] : [-b, a];
      expect(readU128(world.vm.data(world.addresses.pool), 456)).toBe(
        isAToB ? narrow.sqrtMinPrice : narrow.sqrtMaxPrice,
      );
      expect(spent).toBeGreaterThan(0n);
      expect(spent).toBeLessThan(10n ** 17n);
      // The same input as an exact one ends at the same price and gives the same output, but for a unit of rounding.
      world.place(narrow);
      world.vm.run(trader, [world.swap({ isAToB, amount0: spent, amount1: 0n, mode: 1 })]);
      const again = world.deltas();
      expect((isAToB ? again.b : again.a) - got).toBeLessThanOrEqual(1n);
    },
  );

  test('fills an input that fits completely, as exact in does', () => {
    world.vm.run(trader, [world.swap({ isAToB: true, amount0: 1_000_000n, amount1: 0n, mode: 1 })]);
    const partial = world.deltas();
    world.place({});
    world.vm.run(trader, [swap]);
    expect(partial).toEqual(world.deltas());
  });

  test('pays the referrer out of the protocol’s part', () => {
    const referral = createTokenAccount({
      address: foreign('referral'),
      mint: world.addresses.mintB,
      owner: foreign('referrer'),
      amount: 0n,
    });
    world.place({ protocolFeePercent: 20, referralFeePercent: 25 });
    world.vm.set([referral]);
    const before = { amount0: 10n ** 12n, amount1: 0n, isAToB: true };
    world.vm.run(trader, [world.swap(before)]);
    const protocolAlone = readU64(world.vm.data(world.addresses.pool), 400);
    const { b } = world.deltas();

    world.place({ protocolFeePercent: 20, referralFeePercent: 25 });
    world.vm.set([referral]);
    expect(world.vm.run(trader, [world.swap({ ...before, referral: referral.address })])).toMatchObject({
      ok: true,
    });
    const paid = world.vm.tokenAmount(referral.address);
    expect(paid).toBe(protocolAlone / 4n);
    expect(readU64(world.vm.data(world.addresses.pool), 400)).toBe(protocolAlone - paid);
    expect(world.deltas().b).toBe(b);
  });

  test('swaps tokens of Token-2022 without extensions', async () => {
    world = await createDammWorld({ tokenProgram: TOKEN_2022 });
    world.place({});
    expect(
      world.vm.run(trader, [world.swap({ isAToB: false, amount0: 1_000_000n, amount1: 0n })]),
    ).toMatchObject({ ok: true });
    expect(world.deltas().b).toBe(-1_000_000n);
  });

  test('tracks its reserves, and derives them on the first swap of an old pool', () => {
    world.vm.run(trader, [swap]);
    const pool = world.vm.data(world.addresses.pool);
    expect(pool[696]).toBe(1);
    const { liquidity, sqrtPrice } = POOL;
    const startA = (liquidity * (DAMM_MAX_SQRT_PRICE - sqrtPrice)) / (sqrtPrice * DAMM_MAX_SQRT_PRICE) + 1n;
    expect(readU64(pool, 680)).toBe(startA + 1_000_000n);
  });

  test('lets volatility raise the next fee, and forgets it after a quiet time', () => {
    const dynamicFee = {
      binStep: 1,
      maxVolatilityAccumulator: 14_460_000,
      variableFeeControl: 2_000,
      filterPeriod: 10,
      decayPeriod: 120,
      reductionFactor: 5_000,
    };
    world.place({ dynamicFee });
    const large = world.swap({ isAToB: true, amount0: 10n ** 10n, amount1: 0n });
    const accumulator = () => readU128(world.vm.data(world.addresses.pool), 120);
    world.vm.run(trader, [large]);
    const afterFirst = accumulator();
    expect(afterFirst).toBeGreaterThan(0n);
    expect(readU64(world.vm.data(world.addresses.pool), 80)).toBe(NOW);

    world.vm.setTime({ unixTimestamp: NOW + 60n });
    world.vm.run(trader, [world.swap({ isAToB: true, amount0: 10n, amount1: 0n })]);
    expect(accumulator()).toBe(afterFirst / 2n);

    world.vm.setTime({ unixTimestamp: NOW + 500n });
    world.vm.run(trader, [world.swap({ isAToB: true, amount0: 10n, amount1: 0n })]);
    expect(accumulator()).toBe(0n);
  });

  test('moves the vaults by exactly what the user gives and gets', () => {
    world.vm.run(trader, [swap]);
    const { a, b } = world.deltas();
    expect(a).toBe(-1_000_000n);
    expect(world.vm.tokenAmount(world.addresses.vaultA)).toBe(VAULT_START + 1_000_000n);
    expect(world.vm.tokenAmount(world.addresses.vaultB)).toBe(VAULT_START - b);
    expect(world.vm.tokenAmount(world.userB)).toBe(USER_START + b);
    expect(swap.program).toBe(METEORA_DAMM_V2_PROGRAM);
  });
});

const POOL: DammPoolState = {
  baseFee: { cliffFeeNumerator: 2_500_000n },
  protocolFeePercent: 20,
  liquidity: 7_144_393_261_392_398_213_787_312_892_591n,
  sqrtMinPrice: DAMM_MIN_SQRT_PRICE,
  sqrtMaxPrice: DAMM_MAX_SQRT_PRICE,
  sqrtPrice: 7_144_393_260_748_141_011n,
  collectFeeMode: 0,
};

/** Raises the fee with the size of a purchase during the first 100 slots. */
const limiter = {
  cliffFeeNumerator: 2_500_000n,
  mode: 2,
  numberOfPeriods: 20,
  sqrtPriceStepBps: 100,
  schedulerExpirationDuration: 5_000,
  reductionFactor: 1_000_000n,
};
