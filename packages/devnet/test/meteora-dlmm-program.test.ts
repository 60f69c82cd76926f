import { METEORA_DLMM_PROGRAM } from '@oee/amm';
import { TOKEN_PROGRAM } from '@oee/solana';
import { beforeEach, describe, expect, test } from 'vitest';
import { createSeededKeypair } from '../src/market/keypair.ts';
import { MOST_COMPUTE_UNITS } from '../src/pools/compute-budget.ts';
import type { DlmmPoolState } from '../src/pools/dlmm-state.ts';
import { createDlmmPool, deriveDlmmAddresses } from '../src/pools/meteora-dlmm.ts';
import type { SwapInstruction } from '../src/pools/swap-instruction.ts';
import { createTokenAccount } from '../src/pools/token-accounts.ts';
import { createDlmmWorld, type DlmmWorld } from './dlmm-world.ts';
import { trader } from './program-vm.ts';

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

  test('refuses a payer who did not sign, and tokens of another wallet', () => {
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
    expectRefused(withAccount(swap, 8, foreign('oracle')), 3007);
  });

  test('refuses foreign token programs, memo programs and event authorities', () => {
    expectRefused(withAccount(swap, 11, TOKEN_2022), null);
    expectRefused(withAccount(swap, 12, TOKEN_2022), null);
    expectRefused(withAccount(swap, 11, foreign('program')), 3008);
    expectRefused(withAccount(swap, 13, foreign('memo')), 3008);
    expectRefused(withAccount(swap, 14, foreign('events')), 2006);
  });

  test('refuses a malformed bitmap extension, and a host’s account of another token', async () => {
    expectRefused(withAccount(swap, 1, foreign('bitmap')), 3007);
    const host = createTokenAccount({
      address: foreign('host'),
      mint: world.addresses().mintY,
      owner: trader.address,
      amount: 5n,
    });
    world.vm.set([host]);
    const large = world.swap({ isXToY: true, first: 900_000n, second: 0n, host: host.address });
    expectRefused(large, 3);
  });

  test('takes empty slices of accounts for transfer hooks, as the official SDK sends them', () => {
    const slices = (hex: string) => ({
      ...swap,
      data: Buffer.concat([swap.data.slice(0, 24), Buffer.from(hex, 'hex')]),
    });
    expectRefused(slices('010000000200'), 6075);
    expectRefused(slices('010000000009'), 6074);
    expectRefused(slices('010000000500'), 102);
    expect(run(slices('0200000000000100')).ok).toBe(true);
  });

  test('refuses a pool or a bin array that another program owns, or that is malformed', async () => {
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
    expectRefused(world.swap({ ...most, binArrays: [binArrays[1]!] }), 3005);
    expectRefused(world.swap({ ...most, binArrays: [binArrays[0]!, binArrays[1]!] }), 3005);
    expectRefused(world.swap({ ...most, binArrays: [binArrays[1]!, binArrays[0]!] }), 6036);
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
    expectRefused(withAccount(swap, 4, third.address), 6010);
    await place({ status: 1 });
    expectRefused(swap, 6042);
  });

  test('refuses zero input, zero output, short data, missing accounts and unknown instructions', () => {
    expectRefused(world.swap({ isXToY: true, first: 0n, second: 0n }), 6002);
    expectRefused(world.swap({ isXToY: true, isExactOut: true, first: 100n, second: 0n }), 6039);
    expectRefused(world.swap({ isXToY: true, isExactOut: true, first: 0n, second: 100n }), 6002);
    expectRefused(world.swap({ isXToY: false, first: 1n, second: 0n }), 6039);
    expectRefused(
      withData(swap, (data) => data.writeUInt32LE(1, 24)),
      102,
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
    expectRefused(world.swap({ isXToY: true, isExactOut: true, first: -x - 1n, second: y }), 6104);
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

  test('lets volatility decay under steady trade, since only a swap that moves the active bin counts', async () => {
    const bins = Array.from({ length: 60 }, (_, index) => ({
      id: 70 + index,
      x: 70 + index >= 100 ? 1_000_000n : 0n,
      y: 70 + index <= 100 ? 1_000_000n : 0n,
    }));
    await place({
      bins,
      variableFeeControl: 40_000,
      maxVolatilityAccumulator: 350_000,
      filterPeriod: 30,
      decayPeriod: 600,
      reductionFactor: 5_000,
    });
    expect(run(world.swap({ isXToY: true, first: 8_000_000n, second: 0n })).ok).toBe(true);
    const state = () => Buffer.from(world.vm.data(world.addresses().pool));
    expect(state().readBigInt64LE(56)).toBe(NOW);
    const references = [20n, 40n, 60n].map((seconds) => {
      world.vm.setTime({ unixTimestamp: NOW + seconds });
      expect(run(world.swap({ isXToY: true, first: 1_000n, second: 0n })).ok).toBe(true);
      expect(state().readBigInt64LE(56)).toBe(NOW);
      return state().readUInt32LE(44);
    });
    expect(references[0]).toBe(0);
    expect(references[1]).toBeGreaterThan(0);
    expect(references[2]).toBeLessThan(references[1]!);
  });

  test('credits the surplus of rounding to no account when the fee is on the input, else to the protocol', async () => {
    const pool = {
      activeId: 1_037,
      binStep: 100,
      baseFactor: 15_000,
      bins: [{ id: 1_037, x: 0n, y: 5_391_190n, price: 558_707_286_183_683_874_147_930n }],
    };
    const out = { isXToY: true, isExactOut: true, first: 10n ** 12n, second: 518n };
    const owed = () => {
      const state = Buffer.from(world.vm.data(world.addresses().pool));
      return [state.readBigUInt64LE(216), state.readBigUInt64LE(224)];
    };
    await place(pool);
    expect(run(world.swap(out)).ok).toBe(true);
    expect(world.deltas()).toEqual({ x: -2n, y: 518n });
    expect(owed()).toEqual([0n, 0n]);
    await place({ ...pool, collectFeeMode: 1 });
    expect(run(world.swap(out)).ok).toBe(true);
    expect(owed()).toEqual([0n, 29_359n]);
  });

  test('serves limit orders behind the liquidity of positions, and counts them as mainnet does', async () => {
    const orders = { side: 'bid', open: 10_000n, processing: 9_000n, processed: 5_000n, age: 7 } as const;
    await place({
      activeId: 5,
      binStep: 10,
      bins: [
        { id: 3, x: 0n, y: 1_000_000n },
        { id: 5, x: 0n, y: 1_000n, orders },
      ],
    });
    expect(run(world.swap({ isXToY: true, first: 8_000n, second: 0n })).ok).toBe(true);
    expect(world.deltas().y).toBe(8_030n);
    const bin = Buffer.from(world.vm.data(world.addresses().binArrays[0]!)).subarray(56 + 5 * 144);
    // Bought of Y, what the owners earned, then open, being filled, left of those, and the age.
    expect(bin.readBigUInt64LE(56)).toBe(7_030n);
    expect(bin.readBigUInt64LE(72)).toBe(3n);
    expect([112, 120, 128].map((at) => bin.readBigUInt64LE(at))).toEqual([0n, 10_000n, 7_970n]);
    expect(bin.readUInt32LE(136)).toBe(8);
  });

  test('leaves limit orders untouched when the rest of the input is too small to buy from them', async () => {
    const orders = { side: 'bid', open: 10_000n, processing: 9_000n, processed: 0n, age: 7 } as const;
    await place({ activeId: -5, binStep: 10, baseFactor: 0, bins: [{ id: -5, x: 0n, y: 1_000n, orders }] });
    // 1,006 buy the liquidity of positions at 0.995, and the last one nothing.
    expect(run(world.swap({ isXToY: true, first: 1_007n, second: 0n })).ok).toBe(true);
    expect(world.deltas()).toEqual({ x: -1_007n, y: 1_000n });
    const bin = Buffer.from(world.vm.data(world.addresses().binArrays[-1]!)).subarray(56 + 65 * 144);
    expect([112, 120, 128].map((at) => bin.readBigUInt64LE(at))).toEqual([10_000n, 9_000n, 0n]);
    expect(bin.readUInt32LE(136)).toBe(7);
  });

  test('gives a host its fifth of the pool’s share, of limit orders as of positions', async () => {
    const orders = { side: 'bid', open: 1_000_000n, processing: 0n, processed: 0n, age: 1 } as const;
    await place({
      activeId: 0,
      binStep: 10,
      baseFactor: 60_000,
      bins: [{ id: 0, x: 0n, y: 1_000_000n, orders }],
    });
    const { mintX } = world.addresses();
    const host = createTokenAccount({
      address: foreign('host'),
      mint: mintX,
      owner: trader.address,
      amount: 0n,
    });
    world.vm.set([host]);
    const swap2 = world.swap({ isXToY: true, first: 1_500_000n, second: 0n, host: host.address });
    expect(run(swap2).ok).toBe(true);
    expect(world.vm.tokenAmount(host.address)).toBe(179n);
    expect(Buffer.from(world.vm.data(world.addresses().pool)).readBigUInt64LE(216)).toBe(1_906n);
  });

  test('refuses a volatility whose decay needs more than 32 bits, as mainnet’s program does', async () => {
    const decaying = (accumulator: number) => ({
      filterPeriod: 30,
      decayPeriod: 600,
      reductionFactor: 5_000,
      volatility: { accumulator, reference: 0, indexReference: 100, lastUpdate: NOW - 100n },
    });
    await place(decaying(1_000_000));
    expectRefused(swap, 6018);
    await place(decaying(800_000));
    expect(run(swap).ok).toBe(true);
  });
});
