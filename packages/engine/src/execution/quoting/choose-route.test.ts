import { describe, expect, test } from 'vitest';
import type { Order, OrderRequest } from '../../domain/order.ts';
import type { Candidate, Leg, Quote } from '../../domain/quote.ts';
import { SOL_MINT, toMint } from '../../domain/token.ts';
import { newTestOrder } from '../../ports/order-store.suite.ts';
import {
  bestQuote,
  chooseRoute,
  priceOf,
  type SeenPrice,
  withinFloor,
  withinImpact,
} from './choose-route.ts';
import { describeCandidate, describeChoice } from './describe-choice.ts';

const SOL = { mint: SOL_MINT, symbol: 'SOL', decimals: 9, tokenProgram: 't' };
const USDC = { mint: toMint('usdc'), symbol: 'USDC', decimals: 6, tokenProgram: 't' };

const REQUEST = newTestOrder({ tokenIn: SOL, tokenOut: USDC, amount: 1_000n }).order.request;
const orderOf = (change: Partial<OrderRequest> = {}, limitAmount: bigint | null = null): Order => ({
  ...newTestOrder({ ...REQUEST, ...change }).order,
  limitAmount,
});

const legOf = (change: Partial<Leg> = {}): Leg => ({
  venue: 'raydium',
  pool: 'p',
  poolKind: 'cpmm',
  tokenIn: SOL,
  tokenOut: USDC,
  amountIn: 1_000n,
  amountOut: 2_000n,
  fee: 3n,
  feeToken: SOL,
  vaultIn: null,
  vaultOut: null,
  ...change,
});

function quoteOf(amountIn: bigint, amountOut: bigint, change: Partial<Quote> = {}): Quote {
  return {
    venue: 'raydium',
    route: { legs: [legOf({ amountIn, amountOut })], amountIn, amountOut },
    priceImpactBps: 7,
    slot: 5n,
    ...change,
  };
}

type Offer = Extract<Candidate, { outcome: 'quoted' }>;
const offer = (quote: Quote): Offer => ({
  outcome: 'quoted',
  quote,
  answerMs: 4,
  slotsBehind: 2,
  ageMs: 9,
});
const refusal = (venue: string, reason: string, code: 'no_pool' | 'price_impact' = 'no_pool'): Candidate => ({
  outcome: 'refused',
  venue,
  pool: null,
  code,
  reason,
  answerMs: 1,
});
const noTolerance = (): never => {
  throw new Error('nobody asked for it');
};
const BY_ITSELF = { tolerance: noTolerance, seen: null };
const choose = (order: Order, ...quotes: Quote[]) => chooseRoute(order, quotes.map(offer), BY_ITSELF);

describe('the best offer', () => {
  const [small, large, dear] = [quoteOf(1_000n, 2_000n), quoteOf(1_000n, 2_001n), quoteOf(1_001n, 2_000n)];

  test('has the largest output for an exact input, and the smallest input for an exact output', () => {
    expect(bestQuote([small, large].map(offer), 'exactIn')).toBe(large);
    expect(bestQuote([large, small].map(offer), 'partialFill')).toBe(large);
    expect(bestQuote([dear, small].map(offer), 'exactOut')).toBe(small);
    expect(bestQuote([small, dear].map(offer), 'exactOut')).toBe(small);
  });

  test('is the first of equals, and never a refusal', () => {
    const same = quoteOf(1_000n, 2_000n);
    expect(bestQuote([refusal('a', 'b'), offer(small), offer(same)], 'exactIn')).toBe(small);
    expect(bestQuote([offer(small), offer(same)], 'exactOut')).toBe(small);
    expect(bestQuote([refusal('a', 'b')], 'exactIn')).toBeUndefined();
  });
});

describe('the first choice fixes the limit', () => {
  test.each([
    ['slippage below the quote', {}, quoteOf(1_000n, 2_000n), 1_980n],
    ['a floor above it', { minAmountOut: 1_990n }, quoteOf(1_000n, 2_000n), 1_990n],
    ['slippage, with a floor below it', { minAmountOut: 1_970n }, quoteOf(1_000n, 2_000n), 1_980n],
    ['slippage above an input', { swapMode: 'exactOut', amount: 2_000n }, quoteOf(1_000n, 2_000n), 1_010n],
    [
      'a ceiling below it',
      { swapMode: 'exactOut', amount: 2_000n, maxAmountIn: 1_005n },
      quoteOf(1_000n, 2_000n),
      1_005n,
    ],
    [
      'slippage, with a ceiling above it',
      { swapMode: 'exactOut', amount: 2_000n, maxAmountIn: 1_020n },
      quoteOf(1_000n, 2_000n),
      1_010n,
    ],
    ['that of the whole for a part', { swapMode: 'partialFill' }, quoteOf(500n, 1_000n), 1_980n],
    [
      'the floor of the whole for a part',
      { swapMode: 'partialFill', minAmountOut: 1_990n },
      quoteOf(500n, 1_000n),
      1_990n,
    ],
  ] as [string, Partial<OrderRequest>, Quote, bigint][])('%s', (_, change, quote, limitAmount) => {
    expect(choose(orderOf(change), quote)).toEqual({ outcome: 'chosen', quote, limitAmount });
  });

  test("by the engine's tolerance if the order leaves the tolerance to the engine; the choice then records it", () => {
    const autoSlippage = { bps: 50, reason: 'calm' };
    const quote = quoteOf(1_000n, 2_000n);
    const choice = chooseRoute(orderOf({ slippageBps: 'auto' }), [offer(quote)], {
      tolerance: () => autoSlippage,
      seen: null,
    });
    expect(choice).toEqual({ outcome: 'chosen', quote, limitAmount: 1_990n, autoSlippage });
    expect(choose(orderOf({ slippageBps: 'auto' }, 1_900n), quote)).toEqual({
      outcome: 'chosen',
      quote,
      limitAmount: 1_900n,
    });
  });
});

describe('the price seen at acceptance', () => {
  const limitAt = (change: Partial<OrderRequest>, quote: Quote, seen: SeenPrice) => {
    const order = orderOf({ slippageBps: 100, ...change });
    return chooseRoute(order, [offer(quote)], { tolerance: noTolerance, seen });
  };
  const [whole, part] = [
    quoteOf(1_000n, 1_990n, { spotAmount: 2_000n }),
    quoteOf(500n, 995n, { spotAmount: 1_000n }),
  ];

  test.each([
    ['an output', {}, whole, 2_010n, 1_980n],
    ['an output that is better now', {}, whole, 1_500n, 1_971n],
    ['a part', { swapMode: 'partialFill' }, part, 2_010n, 1_980n],
    [
      'an input',
      { swapMode: 'exactOut', amount: 1_990n },
      quoteOf(1_000n, 1_990n, { spotAmount: 990n }),
      985n,
      1_003n,
    ],
  ] as [string, Partial<OrderRequest>, Quote, bigint, bigint][])(
    "%s is compared with the quote's own price, whatever another reading says",
    (_, change, quote, atFirst, limitAmount) => {
      expect(limitAt(change, quote, { atFirst, now: 7n })).toMatchObject({ limitAmount });
    },
  );

  test('is compared with the current price where the quote has none', () => {
    const silent = quoteOf(1_000n, 1_990n);
    expect(limitAt({}, silent, { atFirst: 2_010n, now: 2_000n })).toMatchObject({ limitAmount: 1_980n });
    expect(limitAt({}, silent, { atFirst: 2_010n, now: null })).toMatchObject({ limitAmount: 1_971n });
  });

  test.each([['exactIn'], ['partialFill']] as const)('refuses an offer far below it: %s', (swapMode) => {
    const quote = swapMode === 'exactIn' ? whole : part;
    expect(limitAt({ swapMode }, quote, { atFirst: 2_100n, now: null })).toMatchObject({
      outcome: 'noRoute',
      failure: { code: 'price_moved' },
    });
  });
});

describe('a later choice', () => {
  test('keeps the limit, and an offer may meet it exactly', () => {
    expect(choose(orderOf({}, 1_980n), quoteOf(1_000n, 1_980n))).toMatchObject({ limitAmount: 1_980n });
    const exactOut = orderOf({ swapMode: 'exactOut', amount: 2_000n }, 1_010n);
    expect(choose(exactOut, quoteOf(1_010n, 2_000n))).toMatchObject({ limitAmount: 1_010n });
  });

  test.each([
    [
      orderOf({}, 1_980n),
      quoteOf(1_000n, 1_979n),
      'price_moved',
      'Best quote 0.001979 USDC, minimum 0.00198 USDC.',
      { movedBps: 105, allowedBps: 100 },
    ],
    [
      orderOf({ minAmountOut: 1_990n }, 1_990n),
      quoteOf(1_000n, 1_989n),
      'min_amount_out_not_met',
      'Best quote 0.001989 USDC, minimum 0.00199 USDC.',
    ],
    [
      orderOf({ swapMode: 'exactOut', amount: 2_000n }, 1_010n),
      quoteOf(1_011n, 2_000n),
      'price_moved',
      'Best quote takes 0.000001011 SOL, maximum 0.00000101 SOL.',
      { movedBps: 110, allowedBps: 100 },
    ],
    [
      orderOf({ swapMode: 'exactOut', amount: 2_000n, maxAmountIn: 1_005n }, 1_005n),
      quoteOf(1_006n, 2_000n),
      'max_amount_in_exceeded',
      'Best quote takes 0.000001006 SOL, maximum 0.000001005 SOL.',
    ],
  ])('takes no worse offer', (order, quote, code, reason, priceMove?: object) => {
    const failure = { code, reason, ...(priceMove && { priceMove }) };
    expect(choose(order, quote)).toEqual({ outcome: 'noRoute', failure });
  });
});

describe('without an offer there is no route', () => {
  test.each([
    [[], 'no_route', 'No venue offered a quote (no venue is configured).'],
    [
      [refusal('raydium', 'shut'), refusal('raydium', 'shut'), refusal('meteora', 'late')],
      'no_route',
      'No venue offered a quote (raydium: shut; meteora: late).',
    ],
    [
      [refusal('raydium', 'shut'), refusal('meteora', 'too far', 'price_impact')],
      'price_impact_too_high',
      'No venue offered a quote (raydium: shut; meteora: too far).',
    ],
  ] as [Candidate[], string, string][])('%#', (candidates, code, reason) => {
    expect(chooseRoute(orderOf(), candidates, BY_ITSELF)).toEqual({
      outcome: 'noRoute',
      failure: { code, reason },
    });
  });
});

describe('the floor of a partial fill', () => {
  const part = { swapMode: 'partialFill', minAmountOut: 2_000n } as const;
  const [fair, cheap] = [offer(quoteOf(500n, 1_000n)), offer(quoteOf(1_000n, 1_999n))];
  const twoLegs = offer({
    ...cheap.quote,
    venue: 'router',
    route: { ...cheap.quote.route, legs: [legOf({ pool: 'p' }), legOf({ pool: 'q' })] },
  });

  test('leaves out an offer below it, however large its output', () => {
    expect(withinFloor(orderOf(part), [twoLegs, fair, refusal('a', 'b')])).toEqual([
      {
        outcome: 'refused',
        venue: 'router',
        pool: 'p+q',
        code: 'below_floor',
        reason: 'it would bring 0.001999 USDC, at least 0.002 USDC is asked for its part',
        answerMs: 4,
      },
      fair,
      refusal('a', 'b'),
    ]);
  });

  test('is the limit of the first choice, once there is one', () => {
    expect(withinFloor(orderOf(part, 1_998n), [cheap, fair])).toEqual([cheap, fair]);
    expect(withinFloor(orderOf({ swapMode: 'partialFill' }, 2_000n), [cheap, fair])).toMatchObject([
      { code: 'below_floor' },
      { outcome: 'quoted' },
    ]);
  });

  test('changes no offers where all are below it, no floor exists, or the mode fills the whole amount', () => {
    for (const order of [
      orderOf(part),
      orderOf({ swapMode: 'partialFill' }),
      orderOf({ minAmountOut: 2_000n }),
    ]) {
      const candidates = [cheap, refusal('a', 'b')];
      expect(withinFloor(order, candidates)).toBe(candidates);
    }
    const whole = [cheap, fair];
    expect(withinFloor(orderOf({ minAmountOut: 2_000n }), whole)).toBe(whole);
  });
});

test("an offer's price impact may equal the ceiling", () => {
  const candidates = [
    offer(quoteOf(1n, 2n, { priceImpactBps: 8 })),
    offer(quoteOf(1n, 2n)),
    refusal('a', 'b'),
  ];
  expect(withinImpact(candidates, 7)).toEqual([
    {
      outcome: 'refused',
      venue: 'raydium',
      pool: 'p',
      code: 'price_impact',
      reason: 'it would move the price by 8 bps, at most 7 are allowed',
      answerMs: 4,
    },
    candidates[1],
    candidates[2],
  ]);
});

test('a route has a price unless its input is zero', () => {
  expect(priceOf({ amountIn: 1_000n, amountOut: 150n }, SOL, USDC)).toBe('150');
  expect(() => priceOf({ amountIn: 0n, amountOut: 1n }, SOL, USDC)).toThrow('has no price');
});

describe("the log's record of a choice", () => {
  const best = quoteOf(1_000_000_000n, 150_000_000n);
  const describeFor = (change: Partial<OrderRequest>, limitAmount: bigint) =>
    describeChoice(orderOf({ amount: 1_000_000_000n, ...change }), [offer(best)], {
      ...{ outcome: 'chosen', quote: best, limitAmount, quotesMs: 3 },
    });

  test('has the route with the limits of its mode', () => {
    expect(describeFor({}, 148_500_000n)).toEqual({
      quotes: [expect.objectContaining({ outcome: 'chosen' })],
      route: {
        amountIn: '1',
        amountOut: '150',
        legs: [
          {
            venue: 'raydium',
            pool: 'p',
            poolKind: 'cpmm',
            tokenIn: 'SOL',
            tokenOut: 'USDC',
            amountIn: '1',
            amountOut: '150',
            fee: '0.000000003',
            feeToken: 'SOL',
          },
        ],
      },
      minAmountOut: '148.5',
      quotedPrice: '150',
      quotesMs: 3,
    });
    const exactOut = describeFor({ swapMode: 'exactOut', amount: 150_000_000n }, 1_010_000_000n);
    expect(exactOut).toMatchObject({ maxAmountIn: '1.01' });
    expect(Object.keys(exactOut)).not.toContain('minAmountOut');
    expect(Object.keys(exactOut)).not.toContain('wholeMinAmountOut');
    expect(describeFor({ swapMode: 'partialFill', amount: 2_000_000_000n }, 290_000_000n)).toMatchObject({
      ...{ maxAmountIn: '1', minAmountOut: '145', wholeMinAmountOut: '290' },
    });
  });

  test('names the tolerance where the engine chose it', () => {
    const autoSlippage = { bps: 5, reason: 'calm' };
    const choice = { outcome: 'chosen', quote: best, limitAmount: 1n, quotesMs: 3, autoSlippage } as const;
    expect(describeChoice(orderOf(), [], choice)).toMatchObject({ quotes: [], autoSlippage });
  });

  test("gives each offer's distance behind the best", () => {
    const far = quoteOf(1_000_000_000n, 148_499_999n, { spotAmount: 151_000_000n });
    expect(describeCandidate(offer(far), best, REQUEST)).toEqual({
      venue: 'raydium',
      pool: 'p',
      outcome: 'lost',
      amountIn: '1',
      amountOut: '148.499999',
      spotAmount: '151',
      priceImpactBps: 7,
      behindBestBps: '100',
      legs: [expect.objectContaining({ amountOut: '148.499999' })],
      reason: '100 bps behind the best',
      slot: '5',
      slotsBehind: 2,
      ageMs: 9,
      answerMs: 4,
    });
    const near = quoteOf(1_000_000_000n, 149_999_999n);
    expect(describeCandidate(offer(near), best, REQUEST)).toMatchObject({
      ...{ outcome: 'lost', behindBestBps: '0', reason: 'less than 0.01 bps behind the best' },
    });
    expect(describeCandidate(offer(best), best, REQUEST)).toMatchObject({
      ...{ outcome: 'chosen', behindBestBps: '0', reason: 'best net price' },
    });
    const dear = quoteOf(1_010_000_000n, 150_000_000n);
    const exactOut = { ...REQUEST, swapMode: 'exactOut' } as const;
    expect(describeCandidate(offer(dear), best, exactOut)).toMatchObject({ behindBestBps: '100' });
  });

  test('derives the zero-size amount from the price impact where the venue gives none', () => {
    const spotOf = (swapMode: 'exactIn' | 'exactOut', priceImpactBps: number) => {
      const quote = quoteOf(1_000_000_000n, 150_000_000n, { priceImpactBps });
      return describeCandidate(offer(quote), quote, { ...REQUEST, swapMode });
    };
    expect(spotOf('exactIn', 2_500)).toMatchObject({ spotAmount: '200' });
    expect(spotOf('exactOut', 2_500)).toMatchObject({ spotAmount: '0.75' });
    expect(spotOf('exactIn', 10_000)).toMatchObject({ spotAmount: '1500000' });
  });

  test('lists the pools of a route with several, and marks a fee that the venue does not disclose', () => {
    const legs = [legOf({ fee: null }), legOf({ pool: 'q' })];
    const quote = quoteOf(1_000n, 2_000n, { route: { legs, amountIn: 1_000n, amountOut: 2_000n } });
    expect(describeCandidate(offer(quote), best, REQUEST)).toMatchObject({
      pool: 'p+q',
      legs: [{ fee: null }, { fee: '0.000000003' }],
    });
  });

  test('gives the reason of a refusal', () => {
    expect(describeCandidate(refusal('a', 'b'), best, REQUEST)).toEqual({
      ...{ venue: 'a', pool: null, outcome: 'unavailable', code: 'no_pool', reason: 'b', answerMs: 1 },
    });
  });
});
