import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NATIVE_MINT } from '@oee/solana';
import { generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import { readDammReserves } from '../src/pools/meteora-damm-v2.ts';
import { type BuiltSwap, sendBuilt } from './support/built-swap.ts';
import { call, get, post, startManualDevnet, statusOf } from './support/client.ts';

const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const NEW_TOKEN = { symbol: 'NEW', baseAmount: '1000000000000', quoteAmount: '100000000000' };

let directory: string;
let devnet: Devnet;
let taker: KeyPairSigner;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'devnet-launch-'));
  devnet = await startManualDevnet({ ledgerDirectory: directory });
  taker = await generateKeyPairSigner();
  await post(devnet, '/admin/fund', { owner: taker.address, lamports: '100000000000' });
});
afterEach(async () => {
  await devnet.stop();
  rmSync(directory, { recursive: true });
});

interface Market {
  tokens: { symbol: string; mint: string; priceUsdMicros: number }[];
  pools: { address: string; kind: string; mint0: string; mint1: string }[];
}
const market = async () => (await get(devnet, '/admin/market')).body as Market;

async function launch(order: object) {
  const { status, body } = await post(devnet, '/admin/launch', { ...NEW_TOKEN, ...order });
  expect([status, body]).toEqual([200, body]);
  return body as { mint: string; pool: string; slot: number };
}

/** Swaps a tenth of a SOL into a token by the devnet's own route; null where it finds none. */
async function buy(outputMint: string) {
  const query = { inputMint: NATIVE_MINT, outputMint, amount: '100000000', taker: taker.address };
  const response = await fetch(`${devnet.url}/swap/v2/build?${new URLSearchParams(query)}`);
  if (response.status === 400) return null;
  const built = (await response.json()) as BuiltSwap;
  const signature = await sendBuilt(devnet, taker, built);
  await post(devnet, '/admin/advance', { blocks: 1 });
  const status = await statusOf(devnet, signature);
  return { err: status?.err, pools: built.routePlan.map(({ swapInfo }) => swapInfo.ammKey) };
}

describe.each(['raydium-cpmm', 'meteora-damm-v2'])('a launch on %s', (kind) => {
  test('makes a token that can be bought at once, and is still there after a restart', async () => {
    const { mint, pool } = await launch({ kind });
    const listed = await market();
    expect(listed.tokens.at(-1)).toMatchObject({ symbol: 'NEW', mint, priceUsdMicros: 17_240 });
    expect(listed.pools.at(-1)).toMatchObject({ address: pool, kind });
    expect(await buy(mint)).toEqual({ err: null, pools: [pool] });
    await devnet.stop();
    devnet = await startManualDevnet({ ledgerDirectory: directory });
    expect(await market()).toEqual(listed);
    expect(await buy(mint)).toEqual({ err: null, pools: [pool] });
  });

  test('opens at its opening time, and not before', async () => {
    const { mint } = await launch({ kind, opensInSlots: 30 });
    expect(await buy(mint)).toBeNull();
    await post(devnet, '/admin/advance', { slots: 40 });
    expect(await buy(mint)).toMatchObject({ err: null });
  });

  test('moves its liquidity to a pool of the other kind on request', async () => {
    const { mint, pool } = await launch({ kind });
    const { body } = await post(devnet, '/admin/migrate', { pool });
    const moved = (body as { pool: string }).pool;
    expect((await market()).pools.at(-1)).toMatchObject({
      address: moved,
      kind: kind === 'raydium-cpmm' ? 'meteora-damm-v2' : 'raydium-cpmm',
    });
    expect(await buy(mint)).toEqual({ err: null, pools: [moved] });
  });
});

test('a pool with a price range holds its deposit, sells it up to the end of the range, and moves what is left of both tokens', async () => {
  const { mint, pool } = await launch({ kind: 'meteora-damm-v2', rangePercent: 10 });
  const { result } = await call(devnet, 'getAccountInfo', [
    pool,
    { encoding: 'base64', commitment: 'processed' },
  ]);
  const { tokenAAmount, tokenBAmount } = readDammReserves(Buffer.from(result.value.data[0], 'base64'));
  expect(Number(tokenAAmount) / Number(NEW_TOKEN.baseAmount)).toBeCloseTo(1, 4);
  expect(Number(tokenBAmount) / Number(NEW_TOKEN.quoteAmount)).toBeCloseTo(1, 4);
  expect(await buy(mint)).toEqual({ err: null, pools: [pool] });
  const { body } = await post(devnet, '/admin/migrate', { pool });
  expect(await buy(mint)).toEqual({ err: null, pools: [(body as { pool: string }).pool] });
});

test('an impossible launch or move is refused, and creates nothing', async () => {
  await launch({});
  const before = await market();
  for (const [path, body, code] of [
    ['/admin/launch', NEW_TOKEN, 'cannot_launch'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'TWO', quoteMint: taker.address }, 'cannot_launch'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'a b' }, 'bad_body'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'TWO', baseAmount: '1' }, 'bad_body'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'TWO', kind: 'orca' }, 'bad_body'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'TWO', rangePercent: 10 }, 'bad_body'],
    ['/admin/launch', { ...NEW_TOKEN, symbol: 'TWO', kind: 'meteora-damm-v2', rangePercent: 0 }, 'bad_body'],
    ['/admin/migrate', { pool: taker.address }, 'cannot_launch'],
    ['/admin/migrate', { pool: 'x' }, 'bad_body'],
  ] as const) {
    expect((await post(devnet, path, body)).body).toMatchObject({ code });
  }
  expect(await market()).toEqual(before);
});

test('a token can be launched against USDC', async () => {
  const { mint } = await launch({ quoteMint: USDC, quoteAmount: '500000000000', decimals: 9 });
  const { tokens } = await market();
  expect(tokens.find((token) => token.mint === mint)?.priceUsdMicros).toBe(500_000_000);
});
