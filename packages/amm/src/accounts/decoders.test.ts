import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readMeteoraDlmm } from '../../test/checks/read-meteora-dlmm.ts';
import { transferFeeAt } from '../transfer-fee.ts';
import { decodeBase58, encodeBase58 } from './base58.ts';
import { InvalidAccount } from './byte-reader.ts';
import { decodeMeteoraDammV2Pool } from './meteora-damm-v2-account.ts';
import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmBitmapExtension,
  decodeMeteoraDlmmPool,
  toMeteoraDlmmPool,
} from './meteora-dlmm-accounts.ts';
import { decodeRaydiumAmmV4Pool, toRaydiumAmmV4Pool } from './raydium-amm-v4-account.ts';
import {
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  toRaydiumClmmPool,
} from './raydium-clmm-accounts.ts';
import { decodeRaydiumAmmConfig, decodeRaydiumCpmmPool, toRaydiumCpmmPool } from './raydium-cpmm-accounts.ts';
import { decodeMint, decodeTokenAccount } from './token-accounts.ts';

function dumped(name: string): { address: string; data: Uint8Array } {
  const dump = JSON.parse(readFileSync(new URL(`../../test/fixtures/${name}.json`, import.meta.url), 'utf8'));
  return { address: dump.pubkey, data: Buffer.from(dump.account.data[0], 'base64') };
}

test('a mainnet Raydium CPMM pool names the accounts that were dumped with it', () => {
  const pool = decodeRaydiumCpmmPool(dumped('sol_usdc_pool_state').data);
  expect(pool.ammConfig).toBe(dumped('amm_config').address);
  expect(pool.vaults).toEqual([dumped('sol_vault').address, dumped('usdc_vault').address]);
  expect(pool.mints).toEqual([dumped('wsol_mint').address, dumped('usdc_mint').address]);
  expect(pool.observation).toBe(dumped('sol_usdc_observation_state').address);
  expect(pool.decimals).toEqual([9, 6]);
  expect(pool.openTime).toBe(1715746443n);
});

test('a mainnet Raydium CPMM pool becomes a pool to quote', () => {
  const pool = decodeRaydiumCpmmPool(dumped('sol_usdc_pool_state').data);
  const config = decodeRaydiumAmmConfig(dumped('amm_config').data);
  const vaults = [dumped('sol_vault').data, dumped('usdc_vault').data].map(decodeTokenAccount);
  expect(vaults.map(({ mint }) => mint)).toEqual(pool.mints);
  const amounts = vaults.map(({ amount }) => amount) as [bigint, bigint];

  expect(toRaydiumCpmmPool({ pool, config, vaultAmounts: amounts })).toMatchObject({
    kind: 'raydium-cpmm',
    tradeFeeRate: 2500n,
    protocolFeeRate: 120000n,
    fundFeeRate: 40000n,
    creatorFeeRate: 0n,
    reserves: [559624424n - 60324515n - 83178112n, 35574492n - 229688n - 1054104n],
    window: { isEnabled: true, pointKind: 'timestamp' },
  });
});

test('a mainnet Meteora DAMM v2 pool shows the state that vectors recorded of it', () => {
  const { pool, mints } = decodeMeteoraDammV2Pool(dumped('meteora_damm_v2_pool').data);
  expect(pool).toMatchObject({
    sqrtPrice: 122236770151747246n,
    sqrtMinPrice: 4295048016n,
    sqrtMaxPrice: 79226673521066979257578248091n,
    liquidity: 42878469542342432177958898623909n,
    collectFeeMode: 'token-b',
    feeVersion: 0,
    activationPoint: 1753630225n,
    pointKind: 'timestamp',
    protocolFeePercent: 20n,
    compoundingFeeBps: 0n,
    baseFee: { kind: 'time-scheduler', shape: 'linear', cliffFeeNumerator: 10000000n, periodFrequency: 0n },
    dynamicFee: { variableFeeControl: 956n, binStep: 1n, volatilityAccumulator: 200000n },
    window: { isEnabled: true, opensAt: 1753630225n },
  });
  expect(mints[1]).toBe('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
});

test('an account of another type is refused, and the error names the type', () => {
  expect(() => decodeMeteoraDammV2Pool(dumped('sol_usdc_pool_state').data)).toThrow(
    /Not a Meteora DAMM v2 pool/,
  );
  expect(() => decodeRaydiumCpmmPool(dumped('amm_config').data)).toThrow(InvalidAccount);
  expect(() => decodeTokenAccount(dumped('wsol_mint').data)).toThrow(InvalidAccount);
});

test('a Token-2022 mint shows its transfer fee by epoch', () => {
  const data = new Uint8Array(282);
  const view = new DataView(data.buffer);
  data.set([9, 1], 44);
  data[165] = 1;
  view.setUint16(166, 3, true); // Another extension comes first.
  view.setUint16(168, 0, true);
  view.setUint16(170, 1, true);
  view.setUint16(172, 108, true);
  const olderAt = 174 + 72;
  view.setBigUint64(olderAt, 5n, true);
  view.setBigUint64(olderAt + 8, 1000n, true);
  view.setUint16(olderAt + 16, 50, true);
  view.setBigUint64(olderAt + 18, 7n, true);
  view.setBigUint64(olderAt + 26, 2000n, true);
  view.setUint16(olderAt + 34, 100, true);
  const config = decodeMint(data).transferFeeConfig;
  expect(config && transferFeeAt(config, 6n)).toMatchObject({ feeBps: 50, maximumFee: 1000n });
  expect(config && transferFeeAt(config, 7n)).toMatchObject({ feeBps: 100, maximumFee: 2000n });
});

test('mints show their decimals', () => {
  expect(decodeMint(dumped('wsol_mint').data)).toMatchObject({ decimals: 9, transferFeeConfig: null });
  expect(decodeMint(dumped('usdc_mint').data)).toMatchObject({ decimals: 6, transferFeeConfig: null });
});

test('base58 keeps leading zeros both ways', () => {
  const bytes = Uint8Array.from([0, 0, 1, 2, 255]);
  expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes);
  expect(encodeBase58(new Uint8Array(32))).toBe('1'.repeat(32));
  expect(() => decodeBase58('0OIl')).toThrow(RangeError);
});

test("a DLMM bitmap extension holds the arrays beyond the pool's own, up and down", () => {
  const data = Buffer.alloc(1_576);
  data.write('506f7c7137ed1205', 'hex');
  for (const byte of [40, 40 + 64, 808, 808 + 64 + 63]) data[byte] = byte === 871 ? 0 : 1;
  data[935] = 0x80;
  // The first of the nearest bitmap, the first of the next, each way; and the last bit of the second below.
  expect(decodeMeteoraDlmmBitmapExtension(data)).toEqual([-1_536, -513, 512, 1_024]);
  expect(() => decodeMeteoraDlmmBitmapExtension(data.subarray(1))).toThrow(InvalidAccount);
});

test('a mainnet Meteora DLMM pool with its bin arrays shows the state that vectors recorded of it', () => {
  const pool = toMeteoraDlmmPool({
    pool: decodeMeteoraDlmmPool(dumped('meteora_dlmm_pool').data),
    binArrays: ['meteora_dlmm_bin_array_1', 'meteora_dlmm_bin_array_2'].map((name) =>
      decodeMeteoraDlmmBinArray(dumped(name).data),
    ),
  });
  const vectors = JSON.parse(
    readFileSync(new URL('../../test/vectors/meteora_dlmm.json', import.meta.url), 'utf8'),
  );
  const { state } = vectors.cases.find((entry: { source?: string }) =>
    entry.source?.endsWith('9t3EyC9FweyL7PBWvKz3mrXg8B9fwFc9SK3QxM4ENqhd'),
  );
  const recorded = readMeteoraDlmm(state);
  const { bins, window, ...fields } = recorded;
  expect(pool).toMatchObject(fields);
  const inRecord = new Set(bins.map(({ id }) => id));
  expect(pool.bins.filter(({ id }) => inRecord.has(id))).toEqual(bins);
});

test('a Raydium CLMM pool is rebuilt from bytes laid out as the program lays them out', () => {
  const { pool, config, array } = clmmBytes();
  const account = decodeRaydiumClmmPool(pool);
  expect(account.tickArrayStarts).toEqual([-3600]);
  const built = toRaydiumClmmPool({
    pool: account,
    config: decodeRaydiumClmmConfig(config),
    tickArrays: [decodeRaydiumClmmTickArray(array)],
  });
  expect(built).toEqual({
    kind: 'raydium-clmm',
    sqrtPrice: (1n << 64n) + 7n,
    tick: -5,
    liquidity: 1n << 70n,
    tickSpacing: 60,
    tradeFeeRate: 2500n,
    feeOn: 'token1',
    dynamicFee: {
      filterPeriod: 30n,
      decayPeriod: 600n,
      reductionFactor: 5000n,
      control: 1000n,
      maxVolatility: 350000n,
      indexReference: -2,
      volatilityReference: 20000n,
      volatilityAccumulator: 30000n,
      lastUpdateAt: 1700000000n,
    },
    ticks: [
      { tick: -120, liquidityNet: -5n, liquidityGross: 9n, unfilledOrders: 0n },
      { tick: -60, liquidityNet: 0n, liquidityGross: 0n, unfilledOrders: 11n },
    ],
    window: { isEnabled: false, opensAt: 100n, pointKind: 'timestamp' },
  });
});

test('a Raydium AMM v4 pool is rebuilt from bytes laid out as the program lays them out', () => {
  const data = new Uint8Array(752);
  const view = new DataView(data.buffer);
  const numbers = { 0: 7n, 32: 9n, 40: 6n, 176: 25n, 184: 10000n, 192: 3n, 200: 4n, 224: 1700000000n };
  for (const [offset, value] of Object.entries(numbers)) view.setBigUint64(Number(offset), value, true);
  data.fill(1, 336, 368);
  const pool = decodeRaydiumAmmV4Pool(data);
  expect(pool.vaults[0]).toBe(encodeBase58(new Uint8Array(32).fill(1)));
  expect(pool.decimals).toEqual([9, 6]);
  expect(toRaydiumAmmV4Pool({ pool, vaultAmounts: [100n, 200n] })).toEqual({
    kind: 'raydium-amm-v4',
    reserves: [97n, 196n],
    swapFeeNumerator: 25n,
    swapFeeDenominator: 10000n,
    window: { isEnabled: true, opensAt: 1700000000n, pointKind: 'timestamp' },
  });
});

test('a Raydium AMM v4 pool of status 1 trades only where the program is known to serve it', () => {
  const data = new Uint8Array(752);
  const view = new DataView(data.buffer);
  view.setBigUint64(184, 10_000n, true);
  const isEnabled = (status: bigint, servesInitialized?: boolean) => {
    view.setBigUint64(0, status, true);
    const pool = decodeRaydiumAmmV4Pool(data);
    const known = servesInitialized === undefined ? {} : { servesInitialized };
    return toRaydiumAmmV4Pool({ pool, vaultAmounts: [1n, 1n], ...known }).window.isEnabled;
  };
  expect([isEnabled(1n), isEnabled(1n, false), isEnabled(1n, true)]).toEqual([false, false, true]);
  expect([2n, 3n, 4n, 5n].map((status) => isEnabled(status, true))).toEqual([false, false, false, false]);
  expect([isEnabled(6n), isEnabled(7n)]).toEqual([true, true]);
});

function clmmBytes() {
  const pool = new Uint8Array(1544);
  const poolView = new DataView(pool.buffer);
  pool.set(Buffer.from('f7ede3f5d7c3de46', 'hex'));
  poolView.setUint16(235, 60, true);
  poolView.setBigUint64(237 + 8, 64n, true);
  poolView.setBigUint64(253, 7n, true);
  poolView.setBigUint64(253 + 8, 1n, true);
  poolView.setInt32(269, -5, true);
  pool.set([16, 2], 389);
  pool[904 + 63] = 0x80;
  poolView.setBigUint64(1080, 99n, true);
  poolView.setUint16(1096, 30, true);
  poolView.setUint16(1098, 600, true);
  poolView.setUint16(1100, 5000, true);
  poolView.setUint32(1102, 1000, true);
  poolView.setUint32(1106, 350000, true);
  poolView.setInt32(1110, -2, true);
  poolView.setUint32(1114, 20000, true);
  poolView.setUint32(1118, 30000, true);
  poolView.setBigUint64(1122, 1700000000n, true);

  const config = new Uint8Array(117);
  config.set(Buffer.from('daf42168cbcb2b6f', 'hex'));
  new DataView(config.buffer).setUint32(47, 2500, true);

  const array = new Uint8Array(10240);
  const arrayView = new DataView(array.buffer);
  array.set(Buffer.from('c09b55cd31f9812a', 'hex'));
  arrayView.setInt32(40, -3600, true);
  const lower = 44 + 58 * 168;
  arrayView.setInt32(lower, -120, true);
  arrayView.setBigInt64(lower + 4, -5n, true);
  arrayView.setBigInt64(lower + 12, -1n, true);
  arrayView.setBigUint64(lower + 20, 9n, true);
  const upper = lower + 168;
  arrayView.setInt32(upper, -60, true);
  arrayView.setBigUint64(upper + 124, 8n, true);
  arrayView.setBigUint64(upper + 132, 3n, true);
  return { pool, config, array };
}
