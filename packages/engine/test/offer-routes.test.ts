import { describe, expect, test } from 'vitest';
import type { QuoteAnswer, QuoteRequest } from '../src/domain/quote.ts';
import { toMint } from '../src/domain/token.ts';
import { offerRoutes } from '../src/execution/quoting/offer-routes.ts';
import { TransactionTooLarge } from '../src/ports/chain.ts';
import { recordCalls } from './support/recorded-calls.ts';
import { BONK, createWorld, SOL, USDC, units, type WorldOptions } from './support/world.ts';

/** BONK trades for USDC only: from SOL it is two hops away. */
const BONK_POOL = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
const POOLS = [{ pool: BONK_POOL, reserves: [units('9000000000', BONK), units('180000', USDC)] as const }];

const toBonk: QuoteRequest = { tokenIn: SOL, tokenOut: BONK, swapMode: 'exactIn', amount: units('10', SOL) };

async function createMarket(options: WorldOptions = {}) {
  const { engine, hooks } = await createWorld({ pools: POOLS, ...options });
  const searches = recordCalls(engine.market.routes, 'find');
  const { venues } = engine;
  const offer = (request: Partial<QuoteRequest> = {}) =>
    offerRoutes(engine, {
      venues,
      request: { ...toBonk, ...request },
      signal: new AbortController().signal,
    });
  return { engine, offer, chain: hooks.chain, compiled: hooks.chain.calls('compile'), searches };
}

const lengthsOf = (searches: Awaited<ReturnType<typeof createMarket>>['searches']): number[] =>
  searches.map(([, { limits }]) => limits.maxLegs);

const quoteOf = ([answer]: readonly QuoteAnswer[]) => {
  if (answer?.outcome !== 'quoted') throw new Error('no route');
  return answer.quote;
};

describe('a route over other tokens', () => {
  test('is an offer under the name router, as old as its oldest market', async () => {
    const { engine, offer } = await createMarket();
    const answers = await offer();
    expect(answers).toMatchObject([{ outcome: 'quoted', answerMs: 0, quote: { venue: 'router' } }]);
    const { route, slot } = quoteOf(answers);
    expect(slot).toBe(engine.market.routes.oldest.slot);
    expect(route.amountIn).toBe(toBonk.amount);
    expect(route.legs.at(-1)).toMatchObject({ pool: 'bonk', tokenOut: BONK });
  });

  test.each(['exactIn', 'exactOut'] as const)(
    'gives the price impact of %s, rounded up',
    async (swapMode) => {
      const { engine, offer } = await createMarket();
      const amount = swapMode === 'exactIn' ? toBonk.amount : units('60000000', BONK);
      const { route, spotAmount, priceImpactBps } = quoteOf(await offer({ swapMode, amount }));
      const spot = engine.market.routes.spotAmount({ ...toBonk, swapMode, amount })!;
      expect(spotAmount).toBe(spot);
      const [lost, whole] =
        swapMode === 'exactIn' ? [spot - route.amountOut, spot] : [route.amountIn - spot, route.amountIn];
      expect(lost).toBeGreaterThan(0n);
      expect(BigInt(priceImpactBps) * whole).toBeGreaterThanOrEqual(lost * 10_000n);
      expect(BigInt(priceImpactBps - 1) * whole).toBeLessThan(lost * 10_000n);
    },
  );

  test('offers a partial fill the whole amount', async () => {
    const { offer } = await createMarket();
    const part = quoteOf(await offer({ swapMode: 'partialFill' }));
    expect(part).toEqual(quoteOf(await offer()));
  });

  test('is checked for its size with the longest memo and blockhash', async () => {
    const { engine, offer, compiled } = await createMarket();
    await offer();
    expect(compiled.length).toBeGreaterThan(0);
    for (const [parts] of compiled) {
      expect(parts).toMatchObject({ payer: engine.signer.address, computeUnitLimit: 1_400_000 });
      expect([parts.memo.length, parts.blockhash.length]).toEqual([39, 32]);
    }
  });
});

describe('where no route fits', () => {
  const tooLarge = new TransactionTooLarge('1,300 bytes');

  test('the search tries shorter ones, and the answer says so', async () => {
    const { offer, chain, searches } = await createMarket({ limits: { maxLegs: 4 } });
    chain.fail('compile', tooLarge);
    expect(await offer()).toEqual([
      {
        ...{ outcome: 'refused', venue: 'router', pool: null, code: 'too_large', answerMs: 0 },
        reason: 'no route over several pools fits into one transaction',
      },
    ]);
    expect(lengthsOf(searches)).toEqual([4, 3, 2]);
  });

  test('the search offers the first length that fits', async () => {
    const { offer, chain, searches } = await createMarket({ limits: { maxLegs: 4 } });
    chain.fail('compile', tooLarge, { times: 1 });
    expect(quoteOf(await offer()).venue).toBe('router');
    expect(searches.length).toBeLessThanOrEqual(2);
  });

  test('the search passes on an error that is not one of size', async () => {
    const { offer, chain } = await createMarket();
    chain.fail('compile', new Error('broken'));
    await expect(offer()).rejects.toThrow('broken');
  });
});

describe('no route is offered', () => {
  test('where one leg is all that is allowed, and two where two are', async () => {
    const one = await createMarket({ limits: { maxLegs: 1 } });
    expect(await one.offer()).toEqual([]);
    expect(one.searches).toEqual([]);
    const two = await createMarket({ limits: { maxLegs: 2 } });
    expect(quoteOf(await two.offer()).route.legs).toHaveLength(2);
  });

  test('where a single pool is the best, or no route exists', async () => {
    const { offer, searches } = await createMarket();
    expect(await offer({ tokenOut: USDC, amount: 1_000n })).toEqual([]);
    expect(lengthsOf(searches)).toEqual([5]);
    expect(await offer({ tokenOut: { ...BONK, mint: toMint('nowhere') } })).toEqual([]);
  });
});

test('a leg costs its priority fee at the configured price', async () => {
  const { offer, searches } = await createMarket({ limits: { computeUnitPriceMicroLamports: 2_000_000n } });
  await offer();
  expect(searches.map(([, { lamportsPerLeg }]) => lamportsPerLeg)).toEqual([120_000n]);
});
