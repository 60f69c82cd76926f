import { TOKEN_PROGRAM } from '@oee/solana';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { readU64, readU128 } from '../src/pools/account-bytes.ts';
import {
  AMM_V4_WAITING_TRADE,
  type AmmV4Addresses,
  type AmmV4PoolState,
  createAmmV4Pool,
  createAmmV4Swap,
  createAmmV4Vaults,
  deriveAmmV4Addresses,
} from '../src/pools/raydium-amm-v4.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createMint, createTokenAccount } from '../src/pools/token-accounts.ts';
import { createProgramVm, type ProgramVm, trader } from './program-vm.ts';

const HELD = { coinVault: 10n ** 12n, pcVault: 10n ** 11n, user: 10n ** 11n };
const keyOf = (name: string) => createSeededKeypair('amm v4', name).address;
const [userCoin, userPc] = [keyOf('user coin'), keyOf('user pc')];

describe('the Raydium AMM v4 program', () => {
  let vm: ProgramVm;
  let addresses: AmmV4Addresses;
  let swap: SwapInstruction;

  beforeEach(async () => {
    vm = createProgramVm();
    const market = { market: keyOf('market'), marketProgram: keyOf('market program') };
    addresses = await deriveAmmV4Addresses({ coinMint: keyOf('coin'), pcMint: keyOf('pc'), ...market });
    const { coinMint, pcMint } = addresses;
    const ofTrader = (address: string, mint: string) =>
      createTokenAccount({ address, mint, owner: trader.address, amount: HELD.user });
    vm.set([
      createMint({ address: coinMint, decimals: 9, supply: 10n ** 19n }),
      createMint({ address: pcMint, decimals: 6, supply: 10n ** 19n }),
      ...createAmmV4Vaults(addresses, { coin: HELD.coinVault, pc: HELD.pcVault }),
      ofTrader(userCoin, coinMint),
      ofTrader(userPc, pcMint),
    ]);
    place({});
    swap = sell({});
  });

  function place(state: Partial<AmmV4PoolState>): void {
    vm.set([createAmmV4Pool(addresses, { coinDecimals: 9, pcDecimals: 6, ...state })]);
  }

  /** A sale of 1,000,000 coin, unless said otherwise. */
  function sell(options: Partial<Parameters<typeof createAmmV4Swap>[0]>): SwapInstruction {
    const wallet = { payer: trader.address, userIn: userCoin, userOut: userPc };
    return createAmmV4Swap({ addresses, ...wallet, first: 1_000_000n, second: 0n, ...options });
  }

  function expectRefused(instruction: SwapInstruction, code: number | null): void {
    const before = vm.data(addresses.pool);
    expect(vm.run(trader, [instruction])).toMatchObject({ ok: false, code });
    expect(vm.data(addresses.pool)).toEqual(before);
    expect([vm.tokenAmount(userCoin), vm.tokenAmount(userPc)]).toEqual([HELD.user, HELD.user]);
  }

  const withAccount = (index: number, address: string): SwapInstruction => ({
    ...swap,
    accounts: swap.accounts.map((meta, at) => (at === index ? { ...meta, address } : meta)),
  });

  test('moves the amounts that its fee and the product of its reserves give, with and without an order book', () => {
    const received = (997_500n * HELD.pcVault) / (HELD.coinVault + 997_500n);
    for (const orderBook of [undefined, { namesTargetOrders: false }, { namesTargetOrders: true }]) {
      vm.set(createAmmV4Vaults(addresses, { coin: HELD.coinVault, pc: HELD.pcVault }));
      const before = vm.tokenAmount(userPc);
      expect(vm.run(trader, [sell(orderBook ? { orderBook } : {})])).toMatchObject({ ok: true });
      expect(vm.tokenAmount(userPc) - before).toBe(received);
      expect(vm.tokenAmount(addresses.coinVault)).toBe(HELD.coinVault + 1_000_000n);
    }
  });

  test('counts the input, output and fee of swaps, and notes the epoch of the last one', () => {
    vm.setTime({ epoch: 77n });
    vm.run(trader, [swap]);
    vm.run(trader, [
      sell({ userIn: userPc, userOut: userCoin, isBaseOut: true, first: 10_000n, second: 5_000n }),
    ]);
    const pool = vm.data(addresses.pool);
    expect([readU128(pool, 256), readU128(pool, 312)]).toEqual([1_000_000n, 5_000n]);
    expect([readU64(pool, 328), readU64(pool, 736)]).toEqual([2_500n, 77n]);
    expect(readU128(pool, 296)).toBe(vm.tokenAmount(addresses.pcVault) - HELD.pcVault + readU128(pool, 272));
  });

  test('leaves the profit that is still to be taken out of its reserves', () => {
    place({ needTakePnl: [0n, HELD.pcVault / 2n] });
    vm.run(trader, [swap]);
    const received = (997_500n * (HELD.pcVault / 2n)) / (HELD.coinVault + 997_500n);
    expect(vm.tokenAmount(userPc) - HELD.user).toBe(received);
    place({ needTakePnl: [0n, HELD.pcVault + 1n] });
    expect(vm.run(trader, [swap])).toMatchObject({ ok: false, code: 32 });
  });

  test('refuses one unit beyond the limits, and an input beyond the balance', () => {
    const received = (997_500n * HELD.pcVault) / (HELD.coinVault + 997_500n);
    expectRefused(sell({ second: received + 1n }), 30);
    expectRefused(sell({ isBaseOut: true, first: 1_000n, second: 1_000n }), 30);
    expectRefused(sell({ first: HELD.user + 1n }), 40);
    expectRefused(sell({ first: 0n }), 29);
    expectRefused(sell({ isBaseOut: true, first: 2n ** 64n - 1n, second: HELD.pcVault }), null);
  });

  test('trades from its opening time on, and then stays open', () => {
    vm.setTime({ unixTimestamp: 1_899_999_999n });
    place({ status: AMM_V4_WAITING_TRADE, openTime: 1_900_000_000n });
    expectRefused(swap, 22);
    vm.setTime({ unixTimestamp: 1_900_000_000n });
    expect(vm.run(trader, [swap])).toMatchObject({ ok: true });
    expect(readU64(vm.data(addresses.pool), 0)).toBe(6n);
  });

  test.each([1, 2, 3, 4, 5])('refuses status %i', (status) => {
    place({ status, orderBookEndTime: 2n ** 63n });
    expectRefused(swap, 22);
  });

  test('refuses accounts that are not the pool’s, and accounts of another wallet', () => {
    const foreign = createTokenAccount({
      address: keyOf('foreign'),
      mint: addresses.coinMint,
      owner: keyOf('victim'),
      amount: 10n ** 9n,
    });
    vm.set([foreign]);
    expectRefused(withAccount(0, addresses.coinMint), 38);
    expectRefused(withAccount(1, addresses.coinVault), 27);
    expectRefused(withAccount(2, keyOf('authority')), 1);
    expectRefused(withAccount(3, addresses.pcVault), 4);
    expectRefused(withAccount(4, foreign.address), 5);
    expectRefused(withAccount(5, foreign.address), 4); // The token program's own: not the owner.
    expectRefused(withAccount(5, addresses.coinVault), 42);
    expectRefused(withAccount(6, foreign.address), 42);
    expectRefused(withAccount(6, addresses.coinMint), 3);
    expect(vm.tokenAmount(foreign.address)).toBe(10n ** 9n);
  });

  test('refuses a wallet that did not sign', () => {
    const accounts = swap.accounts.map((meta) =>
      meta.isSigner ? { ...meta, address: keyOf('victim'), isSigner: false } : meta,
    );
    expectRefused({ ...swap, accounts }, 21);
  });

  test('refuses unknown instructions, short data and missing accounts', () => {
    expectRefused({ ...swap, data: new Uint8Array(17).fill(200, 0, 1) }, null);
    expectRefused({ ...swap, data: swap.data.slice(0, 16) }, null);
    expectRefused({ ...swap, accounts: swap.accounts.slice(0, 7) }, null);
    const older = sell({ orderBook: { namesTargetOrders: false } });
    expectRefused({ ...older, accounts: older.accounts.slice(1) }, 24);
    const pool = createAmmV4Pool(addresses, { coinDecimals: 9, pcDecimals: 6 });
    vm.set([{ ...pool, data: pool.data.slice(0, 751) }]);
    expectRefused(swap, 3);
    vm.set([{ ...pool, owner: TOKEN_PROGRAM }]);
    expectRefused(swap, 27);
  });
});
