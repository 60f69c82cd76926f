import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeBase58, RAYDIUM_CLMM_PROGRAM, type RaydiumAmmV4Pool, spotRate } from '@oee/amm';
import { type Address, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RAYDIUM_AMM_V4_AUTHORITY } from '../src/adapters/venues/raydium/amm-v4-swap.ts';
import type { BasisPoints } from '../src/domain/basis-points.ts';
import { toOrderId } from '../src/domain/order.ts';
import type { Candidate, QuoteRequest } from '../src/domain/quote.ts';
import { RouteFinder } from '../src/domain/route-finder.ts';
import type { Token } from '../src/domain/token.ts';
import { assembleSwap } from '../src/execution/building/assemble-swap.ts';
import { quoteSwap } from '../src/execution/quoting/quote-swap.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import {
  ammV4PoolData,
  type ClmmTickFields,
  clmmConfigData,
  clmmExtensionData,
  clmmObservationData,
  clmmPoolData,
  clmmTickArrayData,
  dumpOf,
  mintData,
  tokenAccountData,
} from './support/raydium-accounts.ts';

const ammV4 = readCases('raydium_amm_v4').filter(({ expected }) => expected.amountOut !== undefined);
/** Those without time in their fee, whose ticks lie in the arrays that the engine reads: two each way. */
const clmm = readCases('raydium_clmm').filter(({ expected, state }) => {
  const here = arrayOf(state, state.tick);
  const [below, above] = [
    arraysOf(state).filter((at) => at < here),
    arraysOf(state).filter((at) => at > here),
  ];
  return expected.amountOut !== undefined && state.dyn === null && below.length <= 2 && above.length <= 2;
});
const cases = [...ammV4.slice(0, 40), ...clmm.slice(0, 40)];
const MINTS = [addressOf('mint 0'), addressOf('mint 1')] as const;
/** Base units that vaults and wallet hold of each token. */
const HELD = 2n ** 62n;
/** By the case's id. */
const poolAddresses = new Map<string, string>();

let directory: string;
let world: DevnetWorld;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oee-dumps-'));
  for (const mint of MINTS) dump(mint, 'token', mintData(6));
  for (const each of cases) await (each.kind === 'raydium_amm_v4' ? dumpAmmV4(each) : dumpClmm(each));
  world = await createDevnetWorld('raydium pools', { accountsDirectory: directory });
  const amount = String(HELD);
  await world.admin('fund', {
    owner: world.engine.signer.address,
    tokens: MINTS.map((mint) => ({ mint, amount })),
  });
}, 60_000);
afterAll(async () => {
  await world?.stop();
  rmSync(directory, { recursive: true });
});

test('there are many swaps of both kinds', () => {
  expect(cases.filter(({ kind }) => kind === 'raydium_amm_v4').length).toBe(40);
  expect(cases.filter(({ kind }) => kind === 'raydium_clmm').length).toBe(40);
  expect(clmm.slice(0, 40).some(({ state }) => state.tickSpacing < 15)).toBe(true);
});

describe.each(cases)('$id from account dumps', (vector) => {
  test('is quoted to the unit', async () => {
    const { answers } = await quoteSwap(world.engine, requestOf(vector));
    const own = answers.find((answer) => poolOf(answer) === poolAddresses.get(vector.id));
    expect(own).toMatchObject({
      outcome: 'quoted',
      quote: {
        venue: 'raydium',
        route: { amountIn: BigInt(vector.expected.amountIn!), amountOut: BigInt(vector.expected.amountOut!) },
      },
    });
  });
});

const served = clmm.slice(0, 40).filter(({ expected }) => BigInt(expected.amountOut!) < HELD);

describe.each(served.slice(0, 12))('$id on the chain', (vector) => {
  /** The outcome of a transaction with this limit, which the signer holds it to. */
  async function simulate(limitOf: (quoted: { amountIn: bigint; amountOut: bigint }) => bigint) {
    const { chain, signer } = world.engine;
    const request = requestOf(vector);
    const { answers } = await quoteSwap(world.engine, request);
    const own = answers.find((answer) => poolOf(answer) === poolAddresses.get(vector.id));
    if (own?.outcome !== 'quoted') throw new Error('it is not quoted');
    const { route, venue } = own.quote;
    const limitAmount = limitOf(route);
    const swap = await assembleSwap(world.engine, request, { venue, route, limitAmount });
    const { blockhash } = await chain.nodes[0]!.latestBlockhash();
    const message = chain.compile({
      payer: signer.address,
      instructions: swap.instructions,
      lookupTables: swap.lookupTables,
      blockhash,
      computeUnitLimit: 1_400_000,
      computeUnitPriceMicroLamports: 0n,
      memo: 'raydium',
    });
    await expect(
      signer.sign(message, { orderId: toOrderId('order'), ...swap.policy }),
    ).resolves.toBeDefined();
    const stricter = { ...swap.policy, minAmountOut: swap.policy.minAmountOut + 1n };
    await expect(signer.sign(message, { orderId: toOrderId('order'), ...stricter })).rejects.toThrow(
      'must arrive',
    );
    return chain.nodes[0]!.simulate(message);
  }

  test('runs at the quoted amounts, and fails for one unit better', async () => {
    const isExactIn = vector.mode === 'exactIn';
    expect(await simulate(({ amountIn, amountOut }) => (isExactIn ? amountOut : amountIn))).toMatchObject({
      outcome: 'succeeded',
    });
    const better = await simulate(({ amountIn, amountOut }) => (isExactIn ? amountOut + 1n : amountIn - 1n));
    expect(better).toMatchObject({ outcome: 'failed', error: { kind: 'slippage' } });
  });
});

test('the router plans over them, within the bytes that their instructions need', async () => {
  const venue = world.engine.venues.find(({ name }) => name === 'raydium')!;
  const market = (await venue.market!(new AbortController().signal))!;
  const costOf = ({ id }: Vector) =>
    market.pools.find(({ address }) => address === poolAddresses.get(id))!.cost;
  // Pool and two vaults, in an instruction of three bytes, eight accounts and seventeen bytes of data.
  expect(costOf(ammV4[0]!)).toEqual({ accounts: 3, bytes: 3 + 8 + 17 + 3 * 32, computeUnits: 60_000 });
  // Configuration, pool, two vaults, observation, the second token program, and the tick arrays.
  const withoutExtension = clmm.find(({ state }) => state.tickSpacing >= 15)!;
  const accounts = 6 + arraysOf(withoutExtension.state).length;
  expect(costOf(withoutExtension)).toMatchObject({ accounts, computeUnits: 250_000 });

  // The recorded pools stand at prices of their own: one of each kind is brought to the same one, and they share an order.
  const limits = { maxLegs: 4, maxBytes: 542, maxAccounts: 44, maxComputeUnits: 1_250_000 };
  const search = { limits, lamportsPerLeg: 0n, hopTolerance: () => 10 as BasisPoints };
  const [tokenIn, tokenOut] = MINTS.map((mint) => world.engine.tokens.find(mint) as Token) as [Token, Token];
  const constant = market.pools.find(({ address }) => address === poolAddresses.get(ammV4[0]!.id))!;
  const splits = market.pools.flatMap((concentrated) => {
    if (concentrated.kind !== 'raydium-clmm') return [];
    const { numerator, denominator } = spotRate(concentrated.pool, { inputIndex: 0, clock: market.clock });
    const reserves = [10n ** 12n, (10n ** 12n * numerator) / denominator] as const;
    const pool = { ...(constant.pool as RaydiumAmmV4Pool), reserves };
    const finder = new RouteFinder();
    finder.update([{ ...market, pools: [concentrated, { ...constant, pool }] }]);
    return finder.find({ tokenIn, tokenOut, swapMode: 'exactIn', amount: 10n ** 10n }, search);
  });
  expect(splits.length).toBeGreaterThan(5);
  for (const { legs } of splits) {
    expect(legs.map(({ poolKind }) => poolKind).sort()).toEqual(['raydium-amm-v4', 'raydium-clmm']);
    expect(legs.reduce((sum, leg) => sum + leg.amountIn, 0n)).toBe(10n ** 10n);
  }
});

interface Vector {
  readonly id: string;
  readonly kind: 'raydium_amm_v4' | 'raydium_clmm';
  readonly direction: string;
  readonly mode: 'exactIn' | 'exactOut';
  readonly amount: string;
  readonly expected: { readonly amountIn?: string; readonly amountOut?: string };
  // biome-ignore lint/suspicious/noExplicitAny: two shapes of a file that other tests check field by field
  readonly state: any;
}

function readCases(name: string): Vector[] {
  const file = new URL(`../../amm/test/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).cases;
}

/** An address that a name stands for. */
function addressOf(name: string): string {
  return encodeBase58(Buffer.alloc(32, `${name} `));
}

function dump(address: string, owner: Parameters<typeof dumpOf>[1], data: Buffer): void {
  writeFileSync(join(directory, `${address}.json`), dumpOf(address, owner, data));
}

function dumpVaults(id: string, amounts: readonly [bigint, bigint], owner: string): [string, string] {
  const vaults: [string, string] = [addressOf(`${id} vault 0`), addressOf(`${id} vault 1`)];
  for (const index of [0, 1] as const)
    dump(vaults[index], 'token', tokenAccountData({ mint: MINTS[index], owner, amount: amounts[index] }));
  return vaults;
}

async function dumpAmmV4({ id, state }: Vector): Promise<void> {
  poolAddresses.set(id, addressOf(id));
  const vaults = dumpVaults(id, [BigInt(state.coinVault), BigInt(state.pcVault)], RAYDIUM_AMM_V4_AUTHORITY);
  const fees = {
    swapFeeNumerator: BigInt(state.swapFeeNumerator),
    swapFeeDenominator: BigInt(state.swapFeeDenominator),
  };
  const needTakePnl = [BigInt(state.needTakePnlCoin), BigInt(state.needTakePnlPc)] as const;
  dump(addressOf(id), 'ammV4', ammV4PoolData({ pool: fees, needTakePnl, mints: MINTS, vaults }));
}

async function dumpClmm({ id, state }: Vector): Promise<void> {
  const ammConfig = addressOf(`${id} config`);
  const [pool, bump] = await deriveWithBump('pool', ammConfig, ...MINTS);
  poolAddresses.set(id, pool);
  const [vault0, vault1] = dumpVaults(id, [HELD, HELD], pool);
  dump(addressOf(`${id} observation`), 'clmm', clmmObservationData(pool));
  const arrays = arraysOf(state);
  const isNear = (start: number) => Math.abs(start) < 512 * 60 * state.tickSpacing;
  const far = arrays.filter((start) => !isNear(start));
  if (far.length > 0)
    dump(
      await derive('pool_tick_array_bitmap_extension', pool),
      'clmm',
      clmmExtensionData(state.tickSpacing, far),
    );
  dump(ammConfig, 'clmm', clmmConfigData(state.tradeFeeRate));
  const [mint0, mint1] = MINTS;
  dump(
    pool,
    'clmm',
    clmmPoolData({
      bump,
      tickSpacing: state.tickSpacing,
      tick: state.tick,
      arrays: arrays.filter(isNear),
      liquidity: BigInt(state.liquidity),
      sqrtPrice: BigInt(state.sqrtPrice),
      feeOn: state.feeOn,
      addresses: { ammConfig, mint0, mint1, vault0, vault1, observation: addressOf(`${id} observation`) },
    }),
  );
  for (const startTick of arrays) {
    const width = 60 * state.tickSpacing;
    const ticks = ticksOf(state).filter(({ tick }) => tick >= startTick && tick < startTick + width);
    const data = clmmTickArrayData({ pool, spacing: state.tickSpacing, startTick, ticks });
    const index = Buffer.alloc(4);
    index.writeInt32BE(startTick);
    dump(await derive('tick_array', pool, index), 'clmm', data);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function ticksOf(state: any): ClmmTickFields[] {
  return state.ticks.map((each: Record<string, string>) => ({
    tick: Number(each.tick),
    net: BigInt(each.net!),
    gross: BigInt(each.gross!),
    orders: BigInt(each.orders!),
    partLeft: BigInt(each.partRem!),
  }));
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function arraysOf(state: any): number[] {
  return [...new Set(ticksOf(state).map(({ tick }) => arrayOf(state, tick)))];
}

/** Start of the tick array that holds a tick. */
function arrayOf({ tickSpacing }: { tickSpacing: number }, tick: number): number {
  const width = 60 * tickSpacing;
  return Math.floor(tick / width) * width;
}

async function derive(seed: string, pool: string, index: Uint8Array = new Uint8Array()): Promise<string> {
  return (await deriveWithBump(seed, pool, index))[0];
}

async function deriveWithBump(
  seed: string,
  ...parts: readonly (string | Uint8Array)[]
): Promise<readonly [address: string, bump: number]> {
  return getProgramDerivedAddress({
    programAddress: RAYDIUM_CLMM_PROGRAM as Address,
    seeds: [
      seed,
      ...parts.map((part) => (typeof part === 'string' ? getAddressEncoder().encode(part as Address) : part)),
    ],
  });
}

function requestOf({ direction, mode, amount }: Vector): QuoteRequest {
  const isForward = direction === 'coin2pc' || direction === '0to1';
  const [token0, token1] = MINTS.map((mint) => world.engine.tokens.find(mint) as Token) as [Token, Token];
  const [tokenIn, tokenOut] = isForward ? [token0, token1] : [token1, token0];
  return { tokenIn, tokenOut, swapMode: mode, amount: BigInt(amount) };
}

const poolOf = (answer: Candidate): string | null | undefined =>
  answer.outcome === 'quoted' ? answer.quote.route.legs[0]?.pool : answer.pool;
