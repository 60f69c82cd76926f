import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { transferFeeAt } from '../transfer-fee.ts';
import { decodeBase58, encodeBase58 } from './base58.ts';
import { InvalidAccount } from './byte-reader.ts';
import { decodeMeteoraDammV2Pool } from './meteora-damm-v2-account.ts';
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

test('an account of another type is refused by name', () => {
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
