import { TOKEN_PROGRAM } from '@oee/solana';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { readU64 } from '../src/pools/account-bytes.ts';
import {
  createCpmmConfig,
  createCpmmObservation,
  createCpmmPool,
  createCpmmVaults,
} from '../src/pools/raydium-cpmm.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { type CpmmWorld, createCpmmWorld, MAINNET_RATES } from './cpmm-world.ts';
import { trader } from './program-vm.ts';

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const START = { vault0: 10n ** 12n, vault1: 10n ** 11n, user0: 10n ** 11n, user1: 10n ** 11n };
const foreign = (name: string) => createSeededKeypair('foreign', name).address;

/** The swap with account `index` replaced. */
function withAccount(swap: SwapInstruction, index: number, address: string): SwapInstruction {
  return { ...swap, accounts: swap.accounts.map((meta, at) => (at === index ? { ...meta, address } : meta)) };
}

describe('the Raydium CPMM program', () => {
  let world: CpmmWorld;
  let swap: SwapInstruction;

  beforeEach(async () => {
    world = await createCpmmWorld();
    world.place(START);
    swap = world.swap({ isZeroForOne: true, first: 1_000_000n, second: 0n });
  });

  function expectRefused(instruction: SwapInstruction, code: number | null) {
    const before = world.vm.data(world.addresses.pool);
    const outcome = world.vm.run(trader, [instruction]);
    expect(outcome).toMatchObject({ ok: false, code });
    expect(world.vm.data(world.addresses.pool)).toEqual(before);
    expect(world.vm.tokenAmount(world.addresses.vault1)).toBe(START.vault1);
    expect(world.vm.tokenAmount(world.user0)).toBe(START.user0);
  }

  test('refuses a payer who did not sign', () => {
    const accounts = swap.accounts.map((meta, at) =>
      at === 0 ? { ...meta, address: foreign('victim'), isSigner: false } : meta,
    );
    expectRefused({ ...swap, accounts }, 3010);
  });

  test('refuses to spend the tokens of another wallet', () => {
    const account = createTokenAccount({
      address: foreign('account'),
      mint: world.addresses.mint0,
      owner: foreign('victim'),
      amount: 10n ** 9n,
    });
    world.vm.set([account]);
    const outcome = world.vm.run(trader, [withAccount(swap, 4, account.address)]);
    expect(outcome.ok).toBe(false);
    expect(world.vm.tokenAmount(account.address)).toBe(10n ** 9n);
  });

  test('refuses a vault that is not the pool’s', () => {
    const vault = createTokenAccount({
      address: foreign('vault'),
      mint: world.addresses.mint0,
      owner: trader.address,
      amount: 0n,
    });
    world.vm.set([vault]);
    expectRefused(withAccount(swap, 6, vault.address), 2003);
  });

  test('refuses one vault on both sides', () => {
    expectRefused(withAccount(swap, 7, world.addresses.vault0), 2012);
  });

  test('refuses a pool account that another program owns', () => {
    const pool = createCpmmPool(
      { ...world.addresses, pool: foreign('pool') },
      { decimals0: 9, decimals1: 6 },
    );
    world.vm.set([{ ...pool, owner: TOKEN_PROGRAM }]);
    expectRefused(withAccount(swap, 3, pool.address), 3007);
  });

  test('refuses the configuration of another pool', () => {
    const config = createCpmmConfig(foreign('config'), 7, { ...MAINNET_RATES, tradeFeeRate: 1n });
    world.vm.set([config]);
    expectRefused(withAccount(swap, 2, config.address), 2012);
  });

  test('refuses an authority, mint, token program or observation that is not the pool’s', () => {
    const mint = createMint({ address: foreign('mint'), decimals: 0, supply: 1n });
    world.vm.set([mint]);
    expectRefused(withAccount(swap, 1, foreign('authority')), 2006);
    expectRefused(withAccount(swap, 10, mint.address), 2012);
    expectRefused(withAccount(swap, 8, TOKEN_2022), null); // The token program itself refuses the accounts.
    expectRefused(withAccount(swap, 8, world.addresses.pool), 3008);
    expectRefused(withAccount(swap, 12, foreign('nothing')), 3007);
    const observation = createCpmmObservation({ ...world.addresses, observation: foreign('observation') });
    world.vm.set([observation]);
    expectRefused(withAccount(swap, 12, observation.address), 2012);
  });

  test('refuses accounts of the wrong kind in place of the pool', () => {
    expectRefused(withAccount(swap, 3, world.addresses.config), 3002);
    const data = new Uint8Array(637);
    const fake = {
      address: foreign('zeros'),
      lamports: 10n ** 9n,
      owner: swap.program,
      executable: false,
      data,
    };
    world.vm.set([fake]);
    expectRefused(withAccount(swap, 3, fake.address), 3002);
  });

  test('swaps tokens of Token-2022 without extensions', async () => {
    world = await createCpmmWorld({
      tokenProgram: TOKEN_2022,
      mint0: foreign('mint 0'),
      mint1: foreign('mint 1'),
    });
    world.place(START);
    const outcome = world.vm.run(trader, [world.swap({ isZeroForOne: true, first: 1_000_000n, second: 0n })]);
    expect(outcome).toMatchObject({ ok: true });
    expect(world.vm.tokenAmount(world.user0)).toBe(START.user0 - 1_000_000n);
    expect(world.vm.tokenAmount(world.user1)).toBeGreaterThan(START.user1);
  });

  test('refuses while swaps are disabled and before the opening time', () => {
    world.place({ ...START, pool: { status: 4 } });
    expectRefused(swap, 6000);
    world.place({ ...START, pool: { openTime: 1_900_000_000n } });
    world.vm.setTime({ unixTimestamp: 1_899_999_999n });
    expectRefused(swap, 6000);
    world.vm.setTime({ unixTimestamp: 1_900_000_000n });
    expect(world.vm.run(trader, [swap])).toMatchObject({ ok: true });
  });

  test('keeps swapping while only deposits and withdrawals are disabled', () => {
    world.place({ ...START, pool: { status: 3 } });
    expect(world.vm.run(trader, [swap])).toMatchObject({ ok: true });
  });

  test('refuses an unknown creator fee side and a fee over everything', () => {
    world.place(START);
    const pool = createCpmmPool(world.addresses, { decimals0: 9, decimals1: 6 });
    pool.data[389] = 3;
    world.vm.set([pool]);
    expectRefused(swap, 6013);
    world.place({ ...START, rates: { tradeFeeRate: 1_000_000n } });
    expectRefused(swap, 2505);
  });

  test('refuses when the vault holds less than the fees that it owes', () => {
    world.place(START);
    world.vm.set([
      createCpmmPool(world.addresses, { decimals0: 9, decimals1: 6, owed1: { fund: START.vault1 + 1n } }),
    ]);
    expectRefused(swap, 6012);
  });

  test('refuses an unknown instruction, short data and missing accounts', () => {
    expectRefused({ ...swap, data: new Uint8Array(24) }, 101);
    expectRefused({ ...swap, data: swap.data.slice(0, 23) }, 102);
    expectRefused({ ...swap, accounts: swap.accounts.slice(0, 12) }, 3005);
  });

  test('records the creator’s share separately, on the side that the pool names', () => {
    world.place({ ...START, pool: { creatorFeeOn: 1 }, rates: { creatorFeeRate: 20_000n } });
    world.vm.run(trader, [swap]);
    const afterSell = world.vm.data(world.addresses.pool);
    expect([readU64(afterSell, 397), readU64(afterSell, 405)]).toEqual([20_000n, 0n]);

    world.vm.run(trader, [world.swap({ isZeroForOne: false, first: 1_000_000n, second: 0n })]);
    const afterBuy = world.vm.data(world.addresses.pool);
    expect(readU64(afterBuy, 397)).toBeGreaterThan(20_000n);
    expect(readU64(afterBuy, 405)).toBe(0n);
  });

  test('notes the epoch of the last swap', () => {
    world.vm.setTime({ epoch: 77n });
    world.vm.run(trader, [swap]);
    expect(readU64(world.vm.data(world.addresses.pool), 381)).toBe(77n);
  });

  test('moves the vaults by exactly what the user gives and gets', () => {
    world.vm.set(createCpmmVaults(world.addresses, { amount0: START.vault0, amount1: START.vault1 }));
    world.vm.run(trader, [swap]);
    const got = world.vm.tokenAmount(world.user1) - START.user1;
    expect(world.vm.tokenAmount(world.addresses.vault0)).toBe(START.vault0 + 1_000_000n);
    expect(world.vm.tokenAmount(world.addresses.vault1)).toBe(START.vault1 - got);
  });
});
