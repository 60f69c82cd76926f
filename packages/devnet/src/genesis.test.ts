import {
  decodeMeteoraDammV2Pool,
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  decodeRaydiumAmmConfig,
  decodeRaydiumAmmV4Pool,
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  decodeRaydiumCpmmPool,
  type Pool,
  spotRate,
  swapExactIn,
  toMeteoraDlmmPool,
  toRaydiumAmmV4Pool,
  toRaydiumClmmPool,
  toRaydiumCpmmPool,
} from '@oee/amm';
import { NATIVE_MINT, requireAddressBytes, TOKEN_PROGRAM } from '@oee/solana';
import { LiteSVM } from 'litesvm';
import { beforeAll, describe, expect, test } from 'vitest';
import { createGenesis, type Genesis } from './genesis.ts';
import { readU64 } from './pools/account-bytes.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const isMintOf = (tokenAccount: Uint8Array, mint: string) =>
  Buffer.from(tokenAccount.subarray(0, 32)).equals(requireAddressBytes(mint));
const CLOCK = { slot: 1n, unixTimestamp: 1_790_000_000n };

describe('the genesis', () => {
  let genesis: Genesis;
  let data: Map<string, Uint8Array>;

  beforeAll(async () => {
    genesis = await createGenesis({ seed: 'genesis test', mood: 'calm' });
    data = new Map(genesis.accounts.map((account) => [account.address, account.data]));
  });

  const amount = (address: string) => readU64(data.get(address)!, 64);

  /** The pool as the engine would decode it from the account bytes. */
  function decode(address: string): Pool {
    const placed = genesis.layout.pools.find((pool) => pool.address === address)!;
    if (placed.kind === 'meteora-damm-v2') return decodeMeteoraDammV2Pool(data.get(address)!).pool;
    if (placed.kind === 'meteora-dlmm') {
      const binArrays = Object.values(placed.parts.binArrays).map((array) =>
        decodeMeteoraDlmmBinArray(data.get(array)!),
      );
      return toMeteoraDlmmPool({ pool: decodeMeteoraDlmmPool(data.get(address)!), binArrays });
    }
    if (placed.kind === 'raydium-amm-v4') {
      const pool = decodeRaydiumAmmV4Pool(data.get(address)!);
      return toRaydiumAmmV4Pool({ pool, vaultAmounts: [amount(pool.vaults[0]), amount(pool.vaults[1])] });
    }
    if (placed.kind === 'raydium-clmm') {
      const { config, tickArrays } = placed.parts;
      return toRaydiumClmmPool({
        pool: decodeRaydiumClmmPool(data.get(address)!),
        config: decodeRaydiumClmmConfig(data.get(config)!),
        tickArrays: Object.values(tickArrays).map((array) => decodeRaydiumClmmTickArray(data.get(array)!)),
      });
    }
    const pool = decodeRaydiumCpmmPool(data.get(address)!);
    return toRaydiumCpmmPool({
      pool,
      config: decodeRaydiumAmmConfig(data.get(pool.ammConfig)!),
      vaultAmounts: [amount(pool.vaults[0]), amount(pool.vaults[1])],
    });
  }

  test('is the same to the byte for the same seed, and has other traders for another', async () => {
    const again = await createGenesis({ seed: 'genesis test', mood: 'calm' });
    expect(again.accounts).toEqual(genesis.accounts);
    const other = await createGenesis({ seed: 'another', mood: 'calm' });
    expect(other.accounts).not.toEqual(genesis.accounts);
    expect(other.pools).toEqual(genesis.pools);
  });

  test('has each account once, free of rent', () => {
    expect(new Set(genesis.accounts.map(({ address }) => address)).size).toBe(genesis.accounts.length);
    const svm = new LiteSVM();
    for (const account of genesis.accounts)
      expect(account.lamports).toBeGreaterThanOrEqual(
        svm.minimumBalanceForRentExemption(BigInt(account.data.length)),
      );
  });

  test('offers its tokens and both venues for every main pair', () => {
    expect(genesis.tokens.map(({ symbol }) => symbol)).toEqual(
      'SOL USDC USDT JUP RAY BONK WIF PYTH mSOL JitoSOL BTC ETH BNB'.split(' '),
    );
    expect(genesis.pools.length).toBeGreaterThanOrEqual(14);
    const mintOf = (symbol: string) => genesis.tokens.find((token) => token.symbol === symbol)!.mint;
    for (const pair of ['SOL/USDC', 'SOL/USDT', 'JUP/USDC', 'RAY/SOL', 'BONK/SOL']) {
      const mints = pair.split('/').map(mintOf);
      const kinds = genesis.pools
        .filter(({ mint0, mint1 }) => mints.includes(mint0) && mints.includes(mint1))
        .map(({ kind }) => kind);
      expect(kinds).toContain('raydium-cpmm');
      expect(kinds).toContain('meteora-damm-v2');
    }
  });

  test.each([
    ['BTC', '3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh'],
    ['ETH', '7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs'],
    ['BNB', '9gP2kCy3wA1ctvYWQk75guqXuHfrEomqydHLtcTCqiLa'],
  ])('has the wrapped %s of mainnet, in pools of several kinds against USDC and SOL', (symbol, mint) => {
    expect(genesis.tokens.find((token) => token.symbol === symbol)).toMatchObject({ mint, decimals: 8 });
    expect(data.get(mint)![44]).toBe(8);
    const pools = genesis.pools.filter(({ mint0, mint1 }) => mint0 === mint || mint1 === mint);
    const quotes = pools.map(({ mint0, mint1 }) => (mint0 === mint ? mint1 : mint0));
    expect(new Set(quotes)).toEqual(new Set([USDC, NATIVE_MINT]));
    expect(new Set(pools.map(({ kind }) => kind)).size).toBe(3);
  });

  test('places the SOL/USDC pool where mainnet has it', () => {
    expect(genesis.pools[0]?.address).toBe('7JuwJuNU88gurFnyWeiyGKbFmExMWcmRZntn9imEzdny');
  });

  test('gives the quoter pools whose fee is the one announced', () => {
    for (const { address, feeBps } of genesis.pools) {
      const pool = decode(address);
      const fee =
        pool.kind === 'raydium-cpmm' || pool.kind === 'raydium-clmm'
          ? pool.tradeFeeRate * 1_000n
          : pool.kind === 'meteora-damm-v2'
            ? pool.baseFee.cliffFeeNumerator
            : pool.kind === 'meteora-dlmm'
              ? pool.baseFactor * pool.binStep * 10n
              : pool.kind === 'raydium-amm-v4'
                ? (pool.swapFeeNumerator * 10n ** 9n) / pool.swapFeeDenominator
                : -1n;
      expect({ address, fee }).toEqual({ address, fee: BigInt(feeBps) * 100_000n });
    }
  });

  test('lets a sale of 100 SOL move the best SOL/USDC price by less than half a percent', () => {
    const prices = genesis.pools
      .filter(({ mint0, mint1 }) => [mint0, mint1].includes(NATIVE_MINT) && [mint0, mint1].includes(USDC))
      .map(({ address }) => {
        const pool = decode(address);
        const { numerator, denominator } = spotRate(pool, { inputIndex: 0, clock: CLOCK });
        const amountIn = 100n * 10n ** 9n;
        const { amountOut } = swapExactIn(pool, { inputIndex: 0, amountIn, clock: CLOCK });
        const atSpot = (amountIn * numerator) / denominator;
        return { atSpot, amountOut };
      });
    expect(prices).toHaveLength(3);
    const best = prices.reduce((a, b) => (b.atSpot > a.atSpot ? b : a));
    // The average price moves half as far as the marginal one.
    expect(best.amountOut * 10_000n).toBeGreaterThan(best.atSpot * 9_975n);
    expect(best.atSpot / 100n / 10n ** 6n).toBeGreaterThan(150n);
    expect(best.atSpot / 100n / 10n ** 6n).toBeLessThan(200n);
  });

  test('backs every Meteora pool’s liquidity with tokens in its vaults', () => {
    for (const pool of genesis.layout.pools) {
      if (pool.kind !== 'meteora-damm-v2') continue;
      const decoded = decodeMeteoraDammV2Pool(data.get(pool.address)!).pool;
      expect([amount(pool.parts.vaultA), amount(pool.parts.vaultB)]).toEqual([...decoded.reserves]);
    }
  });

  test('holds wrapped SOL in lamports as well', () => {
    const wrapped = genesis.accounts.filter(
      ({ owner, data }) => owner === TOKEN_PROGRAM && data.length === 165 && isMintOf(data, NATIVE_MINT),
    );
    expect(wrapped.length).toBeGreaterThan(10);
    for (const account of wrapped) expect(account.lamports).toBe(2_039_280n + readU64(account.data, 64));
  });

  test('has fewer tokens in accounts than exist', () => {
    for (const { mint, symbol } of genesis.tokens) {
      const supply = readU64(data.get(mint)!, 36);
      const held = genesis.accounts
        .filter(({ owner, data }) => owner === TOKEN_PROGRAM && data.length === 165)
        .filter(({ data }) => isMintOf(data, mint))
        .reduce((sum, { data }) => sum + readU64(data, 64), 0n);
      expect({ symbol, fits: held < supply }).toEqual({ symbol, fits: true });
    }
  });

  test('leaves the traders out in the mood none', async () => {
    const quiet = await createGenesis({ seed: 'genesis test', mood: 'none' });
    expect(quiet.pools).toEqual(genesis.pools);
    expect(quiet.accounts.length).toBe(genesis.accounts.length - genesis.traders.length * 14);
  });
});
