import { generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import { MARKET_TOKENS } from '../src/market/tokens.ts';
import { type BuiltSwap, sendBuilt } from './support/built-swap.ts';
import { get, post, startManualDevnet, statusOf } from './support/client.ts';

const mintOf = (symbol: string) => MARKET_TOKENS.find((token) => token.symbol === symbol)!.mint;
const RESTORE_AFTER_SLOTS = 4;

/** Each kind of pool by its label in the swap API, with a token that is sold for USDC there. */
const POOLS = [
  { label: 'Raydium CP', symbol: 'SOL' },
  { label: 'Raydium', symbol: 'RAY' },
  { label: 'Raydium CLMM', symbol: 'RAY' },
  { label: 'Meteora DAMM v2', symbol: 'SOL' },
  { label: 'Meteora DLMM', symbol: 'SOL' },
  { label: 'Meteora DLMM', symbol: 'PYTH' },
];
/** The least that the price must move: a product's price moves by the square of the share, a DLMM's ladder ends before. */
const DRAINS = [
  { percent: 3, leastMoveBps: 500n },
  { percent: 10, leastMoveBps: 1_300n },
  { percent: 40, leastMoveBps: 1_300n },
];
const CASES = POOLS.flatMap((pool) => DRAINS.map((drain) => ({ ...pool, ...drain })));

let devnet: Devnet;
let taker: KeyPairSigner;
beforeAll(async () => {
  devnet = await startManualDevnet();
  taker = await generateKeyPairSigner();
  const tokens = ['RAY', 'PYTH'].map((symbol) => ({ mint: mintOf(symbol), amount: '1000000000000' }));
  const funding = { owner: taker.address, lamports: '5000000000000', tokens };
  expect((await post(devnet, '/admin/fund', funding)).status).toBe(200);
});
afterAll(() => devnet.stop());

async function sale(label: string, symbol: string): Promise<BuiltSwap> {
  const query = new URLSearchParams({
    inputMint: mintOf(symbol),
    outputMint: mintOf('USDC'),
    amount: '10000000',
    taker: taker.address,
    dexes: label,
    mode: 'fast',
  });
  const { status, body } = await get(devnet, `/swap/v2/build?${query}`);
  expect(body).toMatchObject({ outAmount: expect.any(String) });
  expect(status).toBe(200);
  return body as BuiltSwap;
}

/** Sends the sale as it was built, and lets its block pass. @returns Its error on chain. */
async function sell(built: BuiltSwap): Promise<unknown> {
  const signature = await sendBuilt(devnet, taker, built);
  await post(devnet, '/admin/advance', { blocks: 1 });
  return (await statusOf(devnet, signature)).err;
}

test.each(CASES)(
  'a drain of $percent % moves the price of $symbol on $label against the sale behind it, and comes back',
  async ({ label, symbol, percent, leastMoveBps }) => {
    const built = await sale(label, symbol);
    const price = async () => BigInt((await sale(label, symbol)).outAmount);
    const before = BigInt(built.outAmount);
    const drain = { next: 1, percent, restoreAfterSlots: RESTORE_AFTER_SLOTS };
    expect((await post(devnet, '/admin/faults', { drain })).status).toBe(200);

    expect(await sell(built)).toMatchObject({ InstructionError: [expect.any(Number), expect.anything()] });
    expect(((before - (await price())) * 10_000n) / before).toBeGreaterThan(leastMoveBps);

    await post(devnet, '/admin/advance', { slots: 2 * RESTORE_AFTER_SLOTS });
    const restoredBps = (((await price()) - before) * 10_000n) / before;
    expect(restoredBps).toBeGreaterThan(-100n);
    expect(restoredBps).toBeLessThan(100n);
  },
);
