import { deriveAssociatedTokenAccount, NATIVE_MINT } from '@oee/solana';
import { generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import { MARKET_TOKENS } from '../src/market/tokens.ts';
import { type BuiltSwap, sendBuilt } from './support/built-swap.ts';
import { advance, balanceOf, call, post, startManualDevnet, statusOf } from './support/client.ts';

const mintOf = (symbol: string) => MARKET_TOKENS.find((token) => token.symbol === symbol)!.mint;
const USDC = mintOf('USDC');

let devnet: Devnet;
let taker: KeyPairSigner;
beforeAll(async () => {
  devnet = await startManualDevnet();
  taker = await generateKeyPairSigner();
  const tokens = ['USDC', 'JUP', 'BONK'].map((symbol) => ({
    mint: mintOf(symbol),
    amount: '10000000000000',
  }));
  const { status } = await post(devnet, '/admin/fund', {
    owner: taker.address,
    lamports: '5000000000000',
    tokens,
  });
  expect(status).toBe(200);
});
afterAll(() => devnet.stop());

async function ask(query: Record<string, string>, from: Pick<Devnet, 'url'> = devnet, key?: string) {
  const search = new URLSearchParams(query);
  const headers = key === undefined ? {} : { 'x-api-key': key };
  const response = await fetch(`${from.url}/swap/v2/build?${search}`, { headers });
  const body = (await response.json()) as Partial<BuiltSwap> & { error?: string };
  return { status: response.status, headers: response.headers, body };
}

async function build(query: Record<string, string>): Promise<BuiltSwap> {
  const { status, body } = await ask({ taker: taker.address, ...query });
  expect(body.error).toBeUndefined();
  expect(status).toBe(200);
  return body as BuiltSwap;
}

/** Sends the swap and sees it land. */
async function land(answer: BuiltSwap) {
  const signature = await sendBuilt(devnet, taker, answer);
  await advance(devnet, 2);
  expect(await statusOf(devnet, signature)).toMatchObject({ err: null });
}

async function tokensOf(mint: string): Promise<bigint> {
  const account = await deriveAssociatedTokenAccount(taker.address, mint);
  const { result } = await call(devnet, 'getTokenAccountBalance', [account, { commitment: 'processed' }]);
  return BigInt(result?.value.amount ?? 0);
}

describe('a swap built by the API', () => {
  test('splits over both venues and gives what it quoted while the market stands still', async () => {
    const answer = await build({ inputMint: USDC, outputMint: NATIVE_MINT, amount: '500000000000' });
    expect(answer.routePlan.map(({ swapInfo }) => swapInfo.label).sort()).toEqual([
      'Meteora DLMM',
      'Raydium CP',
    ]);
    expect(answer.routePlan.reduce((sum, { bps }) => sum + bps, 0)).toBe(10_000);
    const before = { sol: await balanceOf(devnet, taker.address), usdc: await tokensOf(USDC) };
    await land(answer);
    expect(before.usdc - (await tokensOf(USDC))).toBe(500_000_000_000n);
    expect((await balanceOf(devnet, taker.address)) - before.sol).toBe(BigInt(answer.outAmount) - 5_000n);
  });

  test('wraps SOL and leaves no wrapped account behind', async () => {
    const answer = await build({ inputMint: NATIVE_MINT, outputMint: USDC, amount: '2000000000' });
    const before = { sol: await balanceOf(devnet, taker.address), usdc: await tokensOf(USDC) };
    await land(answer);
    expect((await tokensOf(USDC)) - before.usdc).toBe(BigInt(answer.outAmount));
    expect(before.sol - (await balanceOf(devnet, taker.address))).toBe(2_000_005_000n);
  });

  test('goes over an intermediate token, whose surplus over the protected minimum stays with the taker', async () => {
    const answer = await build({
      inputMint: mintOf('JUP'),
      outputMint: mintOf('BONK'),
      amount: '1000000000',
    });
    expect(answer.routePlan).toHaveLength(2);
    expect(answer.routePlan.map(({ bps }) => bps)).toEqual([10_000, 10_000]);
    const before = { bonk: await tokensOf(mintOf('BONK')), jup: await tokensOf(mintOf('JUP')) };
    await land(answer);
    expect(before.jup - (await tokensOf(mintOf('JUP')))).toBe(1_000_000_000n);
    expect((await tokensOf(mintOf('BONK'))) - before.bonk).toBe(BigInt(answer.outAmount));
    expect(await tokensOf(NATIVE_MINT)).toBe(0n); // Its account is closed, and the surplus is SOL.
  });

  test('lets the leg before another one fall short by 0.1 %, whatever slippage is asked for', async () => {
    const swap = { inputMint: mintOf('JUP'), outputMint: mintOf('BONK'), amount: '1000000000' };
    for (const slippageBps of ['0', '1', '500']) {
      const { routePlan, setupInstructions } = await build({ ...swap, slippageBps });
      const [first, second] = routePlan.map(({ swapInfo }) => swapInfo);
      const least = (BigInt(first?.outAmount ?? 0) * 9_990n + 9_999n) / 10_000n;
      expect(BigInt(second?.inAmount ?? 0)).toBe(least);
      const { data } = setupInstructions.at(-1)!;
      expect(Buffer.from(data, 'base64').readBigUInt64LE(16)).toBe(least);
    }
  });

  test('rounds the minimum once, down, for the whole route', async () => {
    for (const slippageBps of [0, 1, 33, 9_999]) {
      const answer = await build({
        inputMint: USDC,
        outputMint: NATIVE_MINT,
        amount: '333333333333',
        slippageBps: String(slippageBps),
      });
      const least = (BigInt(answer.outAmount) * BigInt(10_000 - slippageBps)) / 10_000n;
      expect(BigInt(answer.otherAmountThreshold)).toBe(least);
      const swaps = [...answer.setupInstructions, answer.swapInstruction].filter(
        ({ data }) => Buffer.from(data, 'base64').length >= 24,
      );
      const minimums = swaps.map(({ data }) => Buffer.from(data, 'base64').readBigUInt64LE(16));
      expect(minimums.reduce((sum, each) => sum + each, 0n)).toBe(least);
    }
  });

  test("gives the price impact of the swap's size", async () => {
    const swap = { inputMint: mintOf('JUP'), outputMint: mintOf('BONK'), slippageBps: '0' };
    const small = await build({ ...swap, amount: '1000000' });
    const large = await build({ ...swap, amount: '1000000000000' });
    expect(Number(small.priceImpactPct)).toBeLessThan(1e-5);
    const expected = 1 - Number(large.outAmount) / (Number(small.outAmount) * 1e6);
    expect(Number(large.priceImpactPct)).toBeCloseTo(expected, 3);
    expect(expected).toBeGreaterThan(0.01);
  });

  test('uses the requested venues, and one leg in fast mode', async () => {
    const query = { inputMint: USDC, outputMint: NATIVE_MINT, amount: '500000000000' };
    const only = await build({ ...query, dexes: 'Meteora DAMM v2' });
    expect(only.routePlan.map(({ swapInfo }) => swapInfo.label)).toEqual(['Meteora DAMM v2']);
    const without = await build({ ...query, excludeDexes: 'Meteora DAMM v2,Meteora DLMM' });
    expect(without.routePlan.map(({ swapInfo }) => swapInfo.label)).toEqual(['Raydium CP']);
    expect((await build({ ...query, mode: 'fast' })).routePlan).toHaveLength(1);
    expect((await build({ ...query, maxAccounts: '13' })).routePlan).toHaveLength(1);
    const best = await build(query);
    expect(BigInt(best.outAmount)).toBeGreaterThan(BigInt(only.outAmount));
    expect(BigInt(best.outAmount)).toBeGreaterThan(BigInt(without.outAmount));
  });

  test('pays into another token account, and leaves SOL wrapped on request', async () => {
    const account = await deriveAssociatedTokenAccount((await generateKeyPairSigner()).address, USDC);
    const query = { inputMint: NATIVE_MINT, outputMint: USDC, amount: '1000000000' };
    const answer = await build({ ...query, destinationTokenAccount: account, wrapAndUnwrapSol: 'false' });
    expect(answer.setupInstructions.filter(({ programId }) => programId.startsWith('AToken'))).toEqual([]);
    expect(answer.cleanupInstruction).toBeNull();
    expect(answer.swapInstruction.accounts.map(({ pubkey }) => pubkey)).toContain(account);
  });
});

describe('a refusal', () => {
  const query = { inputMint: NATIVE_MINT, outputMint: USDC, amount: '1000000000' };

  test.each([
    [{ amount: '0' }, 'amount'],
    [{ amount: '1.5' }, 'amount'],
    [{ amount: '18446744073709551616' }, 'amount'],
    [{ taker: 'nobody' }, 'taker'],
    [{ outputMint: NATIVE_MINT }, 'must differ'],
    [{ slippageBps: '10001' }, 'slippageBps'],
    [{ slippageBps: 'rtse' }, 'slippageBps'],
    [{ maxAccounts: '65' }, 'maxAccounts'],
    [{ mode: 'slow' }, 'mode'],
    [{ swapMode: 'ExactOut' }, 'ExactIn'],
    [{ dexes: 'Raydium CP', excludeDexes: 'Raydium CP' }, 'mutually exclusive'],
    [{ dexes: 'raydium cp' }, 'No routes found'],
    [{ outputMint: 'SysvarC1ock11111111111111111111111111111111' }, 'No routes found'],
    [{ maxAccounts: '12' }, 'No routes found'],
    [{ platformFeeBps: '20' }, 'platformFeeBps'],
    [{ tipAmount: '1000000' }, 'tipAmount'],
  ])('answers 400 to %o with the reason', async (change, reason) => {
    const { status, body } = await ask({ taker: taker.address, ...query, ...change });
    expect({ status, error: body.error }).toMatchObject({
      status: 400,
      error: expect.stringContaining(reason),
    });
  });

  test('answers 404 to other paths of the API', async () => {
    expect((await fetch(`${devnet.url}/swap/v2/order`)).status).toBe(404);
    expect((await fetch(`${devnet.url}/swap/v2/program-id-to-label`)).status).toBe(200);
  });

  test('counts requests by key over a minute and answers 429 with headers beyond the limit', async () => {
    const limited = await startManualDevnet({ swapRequestsPerMinute: 2, swapApiKey: 'right-key' });
    try {
      const asked = { taker: taker.address, ...query };
      const answers = [];
      for (let count = 0; count < 3; count += 1) answers.push(await ask(asked, limited, 'right-key'));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
      expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['1', '0', '0']);
      const waitSeconds = Number(answers[2]!.headers.get('retry-after'));
      expect(waitSeconds).toBeGreaterThan(0);
      expect(waitSeconds).toBeLessThanOrEqual(60);
      expect((await ask(asked, limited)).status).toBe(200); // Without a key: counted apart.
      expect((await ask(asked, limited, 'wrong-key')).status).toBe(401);
    } finally {
      await limited.stop();
    }
  });
});
