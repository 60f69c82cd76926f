import { generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Devnet } from '../src/index.ts';
import { call, get, post, startManualDevnet } from './support/client.ts';

const SOL = 'So11111111111111111111111111111111111111112';
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';
const BONK = 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263';

const PACKET_BYTES = 1_232;

interface Quote {
  readonly outAmount: string;
  readonly otherAmountThreshold: string;
  readonly routePlan: readonly { swapInfo: { ammKey: string; outAmount: string } }[];
}

let devnet: Devnet;
let taker: KeyPairSigner;
let quote: Quote;
beforeAll(async () => {
  devnet = await startManualDevnet();
  taker = await generateKeyPairSigner();
  const owner = taker.address;
  await post(devnet, '/admin/fund', { owner, lamports: '5000000000000' });
  quote = (await ask({})).body as Quote;
});
afterAll(() => devnet.stop());

function ask(change: Record<string, string>) {
  const query = new URLSearchParams({ inputMint: SOL, outputMint: USDC, amount: '1000000000', ...change });
  return get(devnet, `/swap/v1/quote?${query}`);
}

const swap = (change: object, path = 'swap') =>
  post(devnet, `/swap/v1/${path}`, { userPublicKey: taker.address, quoteResponse: quote, ...change });

/** The limit and the price that a built transaction sets. */
async function budgetOf(change: object) {
  const { status, body } = await swap(change);
  expect(status).toBe(200);
  return body as { computeUnitLimit: number; prioritizationFeeLamports: number; simulationError: unknown };
}

test('both versions quote the same', async () => {
  const query = new URLSearchParams({
    inputMint: SOL,
    outputMint: USDC,
    amount: '1000000000',
    taker: taker.address,
  });
  const newer = (await get(devnet, `/swap/v2/build?${query}`)).body as Quote;
  expect(quote).toMatchObject({
    outAmount: newer.outAmount,
    otherAmountThreshold: newer.otherAmountThreshold,
    routePlan: newer.routePlan,
  });
});

test('a direct route has one leg, even where two give more', async () => {
  const large = { inputMint: BONK, outputMint: USDC, amount: '900000000000' };
  const best = (await ask(large)).body as Quote;
  const direct = await ask({ ...large, onlyDirectRoutes: 'true' });
  expect(best.routePlan.length).toBe(2);
  if (direct.status === 200) expect((direct.body as Quote).routePlan.length).toBe(1);
  else expect(direct.body).toMatchObject({ errorCode: 'COULD_NOT_FIND_ANY_ROUTE' });
});

test('every swap between any two tokens of the market fits into a transaction', async () => {
  const { pools } = (await get(devnet, '/admin/market')).body as {
    pools: { mint0: string; mint1: string }[];
  };
  const mints = [...new Set(pools.flatMap(({ mint0, mint1 }) => [mint0, mint1]))];
  for (const inputMint of mints) {
    for (const outputMint of mints) {
      if (inputMint === outputMint) continue;
      const { status, body: quoteResponse } = await ask({ inputMint, outputMint, amount: '90000000000' });
      if (status !== 200) continue;
      const { swapTransaction } = (await swap({ quoteResponse })).body as { swapTransaction: string };
      expect(Buffer.from(swapTransaction, 'base64').length).toBeLessThanOrEqual(PACKET_BYTES);
    }
  }
}, 60_000);

test('a swap keeps the minimum output of its quote, whatever the market did', async () => {
  const { body } = await swap({});
  const bytes = (body as { swapTransaction: string }).swapTransaction;
  const options = { encoding: 'base64', sigVerify: false, commitment: 'confirmed' };
  const { result } = await call(devnet, 'simulateTransaction', [bytes, options]);
  expect(result.value.err).toBeNull();
  const raised = quote.routePlan.map((step) => ({
    ...step,
    swapInfo: { ...step.swapInfo, outAmount: String(BigInt(step.swapInfo.outAmount) * 2n) },
  }));
  const greedy = await swap({
    quoteResponse: { ...quote, routePlan: raised },
    dynamicComputeUnitLimit: true,
  });
  expect(greedy.body).toMatchObject({ simulationError: { errorCode: 'TRANSACTION_ERROR' } });
});

test('a swap has the compute unit limit and price of its request', async () => {
  expect(await budgetOf({})).toMatchObject({ computeUnitLimit: 1_400_000, simulationError: null });
  const { computeUnitLimit } = await budgetOf({ dynamicComputeUnitLimit: true });
  expect(computeUnitLimit).toBeLessThan(300_000);
  expect(await budgetOf({ computeUnitPriceMicroLamports: 1_000_000 })).toMatchObject({
    prioritizationFeeLamports: 1_400_000,
  });
  expect(await budgetOf({ prioritizationFeeLamports: 7_000 })).toMatchObject({
    prioritizationFeeLamports: 7_000,
  });
  const level = { priorityLevel: 'veryHigh', maxLamports: 0 };
  expect(
    await budgetOf({ prioritizationFeeLamports: { priorityLevelWithMaxLamports: level } }),
  ).toMatchObject({
    prioritizationFeeLamports: 0,
  });
});

test('a legacy transaction is a legacy transaction', async () => {
  for (const [asLegacyTransaction, first] of [
    [true, 1],
    [false, 0x80],
  ] as const) {
    const { swapTransaction } = (await swap({ asLegacyTransaction })).body as { swapTransaction: string };
    expect(Buffer.from(swapTransaction, 'base64')[65]).toBe(first);
  }
});

test.each([
  [{ amount: '0' }, 'amount must be base units'],
  [{ swapMode: 'ExactOut' }, 'swapMode must be ExactIn'],
  [{ dynamicSlippage: 'true' }, 'dynamicSlippage is not served'],
  [{ onlyDirectRoutes: 'perhaps' }, 'onlyDirectRoutes must be true or false'],
  [{ platformFeeBps: '5' }, 'platformFeeBps is not served'],
  [{ outputMint: SOL }, 'must differ'],
])('a quote with %j is answered 400', async (change, reason) => {
  const { status, body } = await ask(change);
  expect(status).toBe(400);
  expect((body as { error: string }).error).toContain(reason);
});

const leg = (info: object) => ({
  swapInfo: { inputMint: SOL, outputMint: USDC, inAmount: '1', outAmount: '1', ...info },
});
test.each([
  [() => ({ userPublicKey: 'nobody' }), 'userPublicKey must be a base58 address'],
  [() => ({ quoteResponse: undefined }), 'quoteResponse must be an object'],
  [() => ({ quoteResponse: { ...quote, slippageBps: 10_001 } }), 'slippageBps must be'],
  [() => ({ quoteResponse: { ...quote, inAmount: 5 } }), 'inAmount must be base units'],
  [() => ({ quoteResponse: { ...quote, inAmount: '5' } }), 'spends more than it has'],
  [() => ({ quoteResponse: { ...quote, routePlan: [] } }), 'must end at the output token'],
  [() => ({ quoteResponse: { ...quote, routePlan: 'A to B' } }), 'routePlan must be a list'],
  [() => ({ quoteResponse: { ...quote, routePlan: [null] } }), 'routePlan must be an object'],
  [() => ({ quoteResponse: { ...quote, routePlan: [leg({ ammKey: USDC })] } }), 'is no pool here'],
  [
    () => ({
      quoteResponse: {
        ...quote,
        routePlan: [leg({ ammKey: quote.routePlan[0]!.swapInfo.ammKey, inputMint: BONK })],
      },
    }),
    'does not hold the tokens',
  ],
  [() => ({ wrapAndUnwrapSol: 'yes' }), 'wrapAndUnwrapSol must be true or false'],
  [() => ({ feeAccount: USDC }), 'feeAccount is not served'],
  [() => ({ payer: USDC }), 'payer is not served'],
  [() => ({ dynamicSlippage: true }), 'dynamicSlippage is not served'],
  [() => ({ prioritizationFeeLamports: { jitoTipLamports: 5 } }), 'there are no tips'],
  [() => ({ prioritizationFeeLamports: -1 }), 'must be a whole number'],
  [() => ({ computeUnitPriceMicroLamports: 1.5 }), 'must be a whole number'],
  [() => ({ blockhashSlotsToExpiry: 'soon' }), 'must be a whole number'],
])('a swap with %s is answered 400', async (change, reason) => {
  for (const path of ['swap', 'swap-instructions']) {
    const { status, body } = await swap(change(), path);
    expect(status).toBe(400);
    expect((body as { error: string }).error).toContain(reason);
  }
});

test('malformed JSON, a body that is no object and an unknown endpoint are refused', async () => {
  expect((await post(devnet, '/swap/v1/swap', '{')).status).toBe(400);
  expect((await post(devnet, '/swap/v1/swap', [])).body).toEqual({ error: 'the body must be an object' });
  expect((await post(devnet, '/swap/v1/quote', {})).status).toBe(404);
  expect((await get(devnet, '/swap/v1/swap')).status).toBe(404);
});
