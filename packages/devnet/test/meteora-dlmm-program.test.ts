import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { METEORA_DLMM_PROGRAM, TOKEN_PROGRAM } from '../src/pools/addresses.ts';
import { createDlmmPool, type DlmmPoolState, deriveDlmmAddresses } from '../src/pools/meteora-dlmm.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createTokenAccount } from '../src/pools/token-accounts.ts';
import { createDlmmWorld, type DlmmWorld } from './dlmm-world.ts';
import { MOST_COMPUTE_UNITS, trader } from './program-vm.ts';

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb';
const NOW = 1_790_000_000n;
const foreign = (name: string) => createSeededKeypair('foreign', name).address;

/** Arrays 0, 1 and 3; array 2 does not exist. */
const POOL: DlmmPoolState = {
  activeId: 100,
  binStep: 20,
  baseFactor: 10_000,
  protocolShare: 1_000,
  bins: [
    { id: 60, x: 0n, y: 1_000_000n },
    { id: 99, x: 0n, y: 1_000_000n },
    { id: 100, x: 1_000_000n, y: 1_000_000n },
    { id: 101, x: 1_000_000n, y: 0n },
    { id: 220, x: 1_000_000n, y: 0n },
  ],
};

function withAccount(swap: SwapInstruction, index: number, address: string): SwapInstruction {
  return { ...swap, accounts: swap.accounts.map((meta, at) => (at === index ? { ...meta, address } : meta)) };
}

function withData(swap: SwapInstruction, change: (data: Buffer) => void): SwapInstruction {
  const data = Buffer.from(swap.data);
  change(data);
  return { ...swap, data };
}

describe('the Meteora DLMM program', () => {
  let world: DlmmWorld;
  let swap: SwapInstruction;
  const place = (change: Partial<DlmmPoolState> = {}) => world.place({ ...POOL, ...change });
  const run = (instruction: SwapInstruction) => world.vm.run(trader, [MOST_COMPUTE_UNITS, instruction]);

  beforeEach(async () => {
    world = createDlmmWorld();
    world.vm.setTime({ unixTimestamp: NOW, slot: 5_000n });
    await place();
    swap = world.swap({ isXToY: true, first: 100_000n, second: 0n });
  });

  function expectRefused(instruction: SwapInstruction, code: number | null) {
    const { pool, binArrays } = world.addresses();
    const state = () => [pool, ...Object.values(binArrays)].map((address) => world.vm.data(address));
    const before = state();
    expect(run(instruction)).toMatchObject({ ok: false, code });
    expect(state()).toEqual(before);
    expect(world.deltas()).toEqual({ x: 0n, y: 0n });
  }

  test('refuses a payer who did not sign, and tokens of somebody else', () => {
    const accounts = swap.accounts.map((meta, at) =>
      at === 10 ? { ...meta, address: foreign('victim'), isSigner: false } : meta,
    );
    expectRefused({ ...swap, accounts }, 3010);
    const account = createTokenAccount({
      address: foreign('account'),
      mint: world.addresses().mintX,
      owner: foreign('victim'),
      amount: 10n ** 9n,
    });
    world.vm.set([account]);
    expect(run(withAccount(swap, 4, account.address)).ok).toBe(false);
    expect(world.vm.tokenAmount(account.address)).toBe(10n ** 9n);
  });

  test('refuses vaults, mints and an oracle that are not the pool’s', () => {
    const { vaultX, vaultY, mintX, mintY } = world.addresses();
    expectRefused(withAccount(swap, 2, vaultY), 2001);
    expectRefused(withAccount(swap, 3, vaultX), 2001);
    expectRefused(withAccount(swap, 6, mintY), 2001);
    expectRefused(withAccount(swap, 7, mintX), 2001);
    expectRefused(withAccount(swap, 8, foreign('oracle')), 2001);
  });

  test('refuses foreign token programs, event authorities and programs', () => {
    expectRefused(withAccount(swap, 11, TOKEN_2022), 2021);
    expectRefused(withAccount(swap, 12, TOKEN_2022), 2021);
    expectRefused(withAccount(swap, 14, foreign('events')), 2006);
    expectRefused(withAccount(swap, 15, TOKEN_PROGRAM), 2012);
  });

  test('refuses what it does not compute: a bitmap extension, a host fee, limit orders', async () => {
    expectRefused(withAccount(swap, 1, foreign('bitmap')), 6002);
    expectRefused(withAccount(swap, 9, world.userX), 6002);
    const { binArrays } = world.addresses();
    const array = Buffer.from(world.vm.data(binArrays[1]!));
    array.writeBigUInt64LE(1n, 56 + (100 - 70) * 144 + 112);
    world.vm.set([
      {
        address: binArrays[1]!,
        lamports: 10n ** 9n,
        owner: METEORA_DLMM_PROGRAM,
        executable: false,
        data: array,
      },
    ]);
    expectRefused(swap, 6043);
  });

  test('refuses a pool or a bin array that another program owns, or that is none', async () => {
    const { pool, binArrays } = world.addresses();
    const other = { lamports: 10n ** 9n, executable: false, owner: TOKEN_PROGRAM };
    world.vm.set([{ ...other, address: foreign('pool'), data: world.vm.data(pool) }]);
    expectRefused(withAccount(swap, 0, foreign('pool')), 3007);
    world.vm.set([{ ...other, address: foreign('array'), data: world.vm.data(binArrays[1]!) }]);
    expectRefused(withAccount(swap, 16, foreign('array')), 3007);
    const own = { ...other, owner: METEORA_DLMM_PROGRAM };
    world.vm.set([{ ...own, address: foreign('array'), data: new Uint8Array(10_136) }]);
    expectRefused(withAccount(swap, 16, foreign('array')), 3002);
    world.vm.set([{ ...own, address: foreign('pool'), data: world.vm.data(pool).slice(0, 903) }]);
    expectRefused(withAccount(swap, 0, foreign('pool')), 3003);
  });

  test('refuses the bin array of another pool', async () => {
    const parameters = { binStep: 25, baseFactor: POOL.baseFactor };
    const { mintX, mintY } = world.addresses();
    const other = await deriveDlmmAddresses({ mintX, mintY, ...parameters, arrayIndexes: [1] });
    world.vm.set(await createDlmmPool(other, { ...POOL, ...parameters }));
    expectRefused(withAccount(swap, 17, other.binArrays[1]!), 6027);
  });

  test('never skips a bin array that the pool has', () => {
    const { binArrays } = world.addresses();
    const most = { isXToY: true, first: 10_000_000n, second: 0n };
    expectRefused(world.swap({ ...most, binArrays: [binArrays[1]!] }), 6009);
    expectRefused(world.swap({ ...most, binArrays: [binArrays[0]!, binArrays[1]!] }), 6012);
    // Between the bins 101 and 220 lies an array that the pool does not have.
    const upwards = world.swap({ isXToY: false, isExactOut: true, first: 2n ** 63n, second: 2_500_000n });
    expect(run(upwards).ok).toBe(true);
    expect(Buffer.from(world.vm.data(world.addresses().pool)).readInt32LE(76)).toBe(220);
  });

  test('refuses an input account of a third token, and is closed while disabled', async () => {
    const third = createTokenAccount({
      address: foreign('third'),
      mint: foreign('mint'),
      owner: trader.address,
      amount: 5n,
    });
    world.vm.set([third]);
    expectRefused(withAccount(swap, 4, third.address), 2014);
    await place({ status: 1 });
    expectRefused(swap, 6042);
  });

  test('refuses nothing in, nothing out, hooks, short data, few accounts and unknown instructions', () => {
    expectRefused(world.swap({ isXToY: true, first: 0n, second: 0n }), 6002);
    expectRefused(world.swap({ isXToY: true, isExactOut: true, first: 100n, second: 0n }), 6002);
    expectRefused(world.swap({ isXToY: false, first: 1n, second: 0n }), 6039);
    expectRefused(
      withData(swap, (data) => data.writeUInt32LE(1, 24)),
      6002,
    );
    expectRefused({ ...swap, data: swap.data.slice(0, 27) }, 102);
    expectRefused({ ...swap, accounts: swap.accounts.slice(0, 15) }, 3005);
    expectRefused(
      withData(swap, (data) => data.writeUInt8(0, 0)),
      101,
    );
  });

  test('holds both limits to the unit', async () => {
    expect(run(swap).ok).toBe(true);
    const { x, y } = world.deltas();
    await place();
    expectRefused(world.swap({ isXToY: true, first: 100_000n, second: y + 1n }), 6003);
    expect(run(world.swap({ isXToY: true, first: 100_000n, second: y })).ok).toBe(true);
    await place();
    expectRefused(world.swap({ isXToY: true, isExactOut: true, first: -x - 1n, second: y }), 6003);
    expect(run(world.swap({ isXToY: true, isExactOut: true, first: -x, second: y })).ok).toBe(true);
    expect(world.deltas()).toEqual({ x, y });
  });

  test('lets the fee grow with the bins crossed, and remembers it for the next swap', async () => {
    const volatile = {
      variableFeeControl: 40_000,
      maxVolatilityAccumulator: 350_000,
      filterPeriod: 30,
      decayPeriod: 600,
      reductionFactor: 5_000,
    };
    const feesOf = () => Buffer.from(world.vm.data(world.addresses().pool)).readBigUInt64LE(216);
    await place(volatile);
    const across = { isXToY: true, first: 2_300_000n, second: 0n };
    run(world.swap(across));
    const [calm, { y }] = [feesOf(), world.deltas()];
    expect(Buffer.from(world.vm.data(world.addresses().pool)).readUInt32LE(40)).toBe(350_000);
    await place({ ...volatile, variableFeeControl: 0 });
    run(world.swap(across));
    expect(feesOf()).toBeLessThan(calm);
    expect(world.deltas().y).toBeGreaterThan(y);
  });
});
