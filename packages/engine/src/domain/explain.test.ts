import { describe, expect, test } from 'vitest';
import { bestSingleVenue, explainOrder } from './explain.ts';
import type { OrderRequest } from './order.ts';
import type { EventDraft, LegRecord, OrderEvent, OrderEventData, QuoteRecord } from './order-event.ts';

const token = (symbol: string, decimals: number) => ({
  mint: symbol,
  symbol,
  decimals,
  tokenProgram: 'tokens',
});
const REQUEST = { tokenIn: token('SOL', 9), tokenOut: token('USDC', 6), swapMode: 'exactIn' } as OrderRequest;
const EXACT_OUT = { ...REQUEST, swapMode: 'exactOut' } as OrderRequest;

const logOf = (...drafts: EventDraft[]): OrderEvent[] =>
  drafts.map(
    (draft, index) =>
      ({
        ...draft,
        orderId: 'o',
        sequence: index + 1,
        status: 'routing',
        timestamp: `t${index}`,
      }) as OrderEvent,
  );

const leg = (change: Partial<LegRecord>): LegRecord => ({
  venue: 'raydium',
  pool: 'p',
  poolKind: 'k',
  tokenIn: 'SOL',
  tokenOut: 'USDC',
  amountIn: '1',
  amountOut: '149',
  fee: '0.0025',
  feeToken: 'SOL',
  ...change,
});

const quote = (change: Partial<Extract<QuoteRecord, { outcome: 'chosen' | 'lost' }>>): QuoteRecord => ({
  venue: 'raydium',
  pool: 'p',
  outcome: 'lost',
  amountIn: '1',
  amountOut: '149',
  spotAmount: '149.5',
  priceImpactBps: 34,
  behindBestBps: '0',
  legs: [leg({})],
  reason: '',
  slot: '1',
  slotsBehind: 0,
  ageMs: 1,
  answerMs: 1,
  ...change,
});

function building(
  legs: LegRecord[],
  quotes: QuoteRecord[],
  amounts: { amountIn: string; amountOut: string },
) {
  const route = { ...amounts, legs };
  return { type: 'order.building', data: { quotes, route, quotedPrice: '149', quotesMs: 3 } } as const;
}

const ROUTING = { type: 'order.routing', data: { try: 1 } } as const;
const filled = (amountIn: string, amountOut: string): OrderEventData['order.confirmed'] => ({
  ...{ signature: 's', slot: '2', amountIn, amountOut, executedPrice: '1' },
  fees: { network: '0.000005', rent: '0' },
});

describe('the difference between expected and executed', () => {
  test('is split into fees, own size and price move, which add up', () => {
    const chosen = quote({ outcome: 'chosen' });
    const decided = building([leg({})], [chosen], { amountIn: '1', amountOut: '149' });
    const log = logOf(ROUTING, decided, { type: 'order.confirmed', data: filled('1', '148.2') });
    expect(explainOrder(REQUEST, log).execution).toMatchObject({
      ...{ token: 'USDC', expected: '149', executed: '148.2', slippage: '0.5', priceMove: '0.8' },
      ...{
        fees: '0.3725',
        withoutCosts: '149.8725',
        networkFee: '0.000005',
        rent: '0',
        rentRefunded: '0',
        dust: [],
      },
    });
  });

  test("counts on the input side for an exact output, and a price move in the user's favor is negative", () => {
    const chosen = quote({ outcome: 'chosen', amountIn: '1', amountOut: '150', spotAmount: '0.99' });
    const legs = [leg({ amountOut: '150' })];
    const decided = building(legs, [chosen], { amountIn: '1', amountOut: '150' });
    const log = logOf(ROUTING, decided, { type: 'order.confirmed', data: filled('0.995', '150') });
    expect(explainOrder(EXACT_OUT, log).execution).toMatchObject({
      ...{ token: 'SOL', expected: '1', executed: '0.995', slippage: '0.01', priceMove: '-0.005' },
      ...{ fees: '0.0025', withoutCosts: '0.9875' },
    });
  });

  test('values fees in intermediate tokens at the rates of the plan, in either mode', () => {
    // SOL goes to USDC directly, and through USDT and RAY; RAY also gets a part of USDT.
    const legs = [
      leg({ amountIn: '1', amountOut: '100', fee: '0', tokenOut: 'USDT' }),
      leg({ amountIn: '1', amountOut: '50', fee: '0', tokenOut: 'RAY' }),
      leg({ amountIn: '1', amountOut: '100', fee: '0' }),
      leg({ tokenIn: 'USDT', tokenOut: 'RAY', amountIn: '50', amountOut: '25', fee: '1', feeToken: 'RAY' }),
      leg({ tokenIn: 'USDT', amountIn: '50', amountOut: '50', fee: '2', feeToken: 'USDT' }),
      leg({ tokenIn: 'RAY', amountIn: '75', amountOut: '150', fee: null, feeToken: 'RAY' }),
    ];
    const chosen = quote({
      outcome: 'chosen',
      venue: 'router',
      amountIn: '3',
      amountOut: '300',
      spotAmount: '300',
      legs,
    });
    const log = logOf(ROUTING, building(legs, [chosen], { amountIn: '3', amountOut: '300' }), {
      type: 'order.confirmed',
      data: filled('3', '300'),
    });
    // A RAY is worth 2 USDC; a USDT, (25 * 2 + 50) / 100 = 1.
    expect(explainOrder(REQUEST, log).execution).toMatchObject({ fees: '4' });
    const spot = quote({
      outcome: 'chosen',
      venue: 'router',
      amountIn: '3',
      amountOut: '300',
      spotAmount: '3',
      legs,
    });
    const mirror = logOf(ROUTING, building(legs, [spot], { amountIn: '3', amountOut: '300' }), {
      type: 'order.confirmed',
      data: filled('3', '300'),
    });
    // A USDT cost 0.01 SOL; a RAY, (1 + 50 * 0.01) / 75 = 0.02.
    expect(explainOrder(EXACT_OUT, mirror).execution).toMatchObject({ fees: '0.04' });
  });

  test('omits a block that a fork dropped', () => {
    const decided = building([leg({})], [quote({ outcome: 'chosen' })], { amountIn: '1', amountOut: '149' });
    const confirmed = { type: 'order.confirmed', data: filled('1', '149') } as const;
    const reorged = { type: 'order.reorged', data: { signature: 's', slot: '2' } } as const;
    expect(explainOrder(REQUEST, logOf(ROUTING, decided, confirmed, reorged)).execution).toBeNull();
    const again = { type: 'order.confirmed', data: filled('1', '148') } as const;
    const log = logOf(ROUTING, decided, confirmed, reorged, again);
    expect(explainOrder(REQUEST, log).execution).toMatchObject({ executed: '148' });
  });
});

describe('the outcome of an order', () => {
  const decided = building([leg({})], [quote({ outcome: 'chosen' })], { amountIn: '1', amountOut: '149' });
  const confirmed = { type: 'order.confirmed', data: filled('1', '148') } as const;

  test('has the amounts that were read last, whatever other events followed', () => {
    const finalized = { type: 'order.finalized', data: filled('1', '147.9') } as const;
    const asked = { type: 'order.review_needed', data: { reason: 'why' } } as const;
    expect(explainOrder(REQUEST, logOf(ROUTING, decided, confirmed, finalized)).execution).toMatchObject({
      ...{ executed: '147.9', priceMove: '1.1' },
    });
    expect(explainOrder(REQUEST, logOf(ROUTING, decided, confirmed, asked)).execution).toMatchObject({
      executed: '148',
    });
    expect(explainOrder(REQUEST, logOf(ROUTING, decided)).execution).toBeNull();
  });

  test('is null where the log lacks its decision, or the decision names no choice', () => {
    expect(explainOrder(REQUEST, logOf(ROUTING, confirmed)).execution).toBeNull();
    const lost = building([leg({})], [quote({ outcome: 'lost' })], { amountIn: '1', amountOut: '149' });
    expect(explainOrder(REQUEST, logOf(ROUTING, lost, confirmed)).execution).toBeNull();
  });

  test('covers the filled part of a plan', () => {
    const part = { ...REQUEST, swapMode: 'partialFill' } as OrderRequest;
    const half = { type: 'order.confirmed', data: filled('0.5', '74') } as const;
    expect(explainOrder(part, logOf(ROUTING, decided, half)).execution).toMatchObject({
      ...{ expected: '74.5', executed: '74', slippage: '0.25', priceMove: '0.5' },
      ...{ fees: '0.18625', withoutCosts: '74.93625' },
    });
  });

  test('names the dust, and values the fees of a leg that moved nothing at zero', () => {
    const dust = [{ token: 'RAY', amount: '1' }];
    const idle = leg({ tokenIn: 'RAY', amountIn: '0', amountOut: '0', fee: '5', feeToken: 'RAY' });
    const log = logOf(
      ROUTING,
      building([leg({}), idle], [quote({ outcome: 'chosen' })], { amountIn: '1', amountOut: '149' }),
      { type: 'order.confirmed', data: { ...filled('1', '148'), dust } },
    );
    expect(explainOrder(REQUEST, log).execution).toMatchObject({ dust, fees: '0.3725' });
  });

  test('values a fee in the output token of an exact output at the price paid', () => {
    const legs = [
      leg({ tokenOut: 'RAY', amountIn: '1', amountOut: '100', fee: '0' }),
      leg({ tokenIn: 'RAY', amountIn: '100', amountOut: '50', fee: '5', feeToken: 'USDC' }),
    ];
    const chosen = quote({ outcome: 'chosen', amountOut: '50', spotAmount: '1', legs });
    const log = logOf(ROUTING, building(legs, [chosen], { amountIn: '1', amountOut: '50' }), {
      type: 'order.confirmed',
      data: filled('1', '50'),
    });
    expect(explainOrder(EXACT_OUT, log).execution).toMatchObject({ fees: '0.1' }); // A USDC cost 0.02 SOL.
  });
});

describe('the best single venue', () => {
  const offers = (...amounts: [amountIn: string, amountOut: string][]) =>
    amounts.map(([amountIn, amountOut], index) => quote({ pool: `p${index}`, amountIn, amountOut }));
  const best = (quotes: QuoteRecord[], swapMode: 'exactIn' | 'exactOut') =>
    bestSingleVenue(quotes, swapMode)?.pool ?? null;

  test('has the largest output or the smallest input, and is the first of equals', () => {
    expect(best(offers(['1', '2'], ['1', '3'], ['1', '3']), 'exactIn')).toBe('p1');
    expect(best(offers(['2', '1'], ['1', '1'], ['1', '1'], ['3', '9']), 'exactOut')).toBe('p1');
    expect(best(offers(['1', '5'], ['2', '4']), 'exactOut')).toBe('p0');
  });

  test('is none where every offer needs several venues, or there is no offer', () => {
    expect(best([], 'exactIn')).toBeNull();
    expect(best([quote({ legs: [leg({}), leg({ venue: 'meteora' })] })], 'exactIn')).toBeNull();
  });
});

describe('tries', () => {
  test('each have their decision, and the reason for their end', () => {
    const decided = building([leg({})], [quote({ outcome: 'chosen' })], { amountIn: '1', amountOut: '149' });
    const cause = { code: 'slippage_exceeded', reason: 'moved' } as const;
    const log = logOf(
      ROUTING,
      decided,
      { type: 'order.routing', data: { try: 2, backoffMs: 1, cause } },
      { type: 'order.routing', data: { try: 2, interrupted: true } },
      { type: 'order.failed', data: { code: 'no_route', reason: 'nobody' } },
    );
    expect(explainOrder(REQUEST, log)).toMatchObject({
      tries: [
        { try: 1, chosenAt: 't1', decision: { candidates: decided.data.quotes }, failure: cause },
        { try: 2, chosenAt: null, decision: null, failure: { code: 'no_route' } },
      ],
      execution: null,
    });
  });

  test('each name what they waited for, and when they continued', () => {
    const wait = (cause: 'engine_late' | 'chain_unavailable') => ({
      cause,
      reason: 'r',
      since: 's',
      until: 'u',
    });
    const waiting = (cause: 'engine_late' | 'chain_unavailable') =>
      ({ type: 'order.waiting', data: wait(cause) }) as const;
    const ended = { type: 'order.expired', data: { reason: 'late' } } as const;
    const again = { type: 'order.routing', data: { try: 2, backoffMs: 1 } } as const;
    const log = logOf(
      ROUTING,
      waiting('engine_late'),
      waiting('chain_unavailable'),
      again,
      waiting('engine_late'),
    );
    expect(explainOrder(REQUEST, log).tries).toMatchObject([
      {
        waits: [
          { ...wait('engine_late'), endedAt: 't3' },
          { ...wait('chain_unavailable'), endedAt: 't3' },
        ],
      },
      { waits: [{ ...wait('engine_late'), endedAt: null }] },
    ]);
    expect(explainOrder(REQUEST, logOf(ROUTING, waiting('engine_late'), ended)).tries).toMatchObject([
      { waits: [{ endedAt: 't2' }] },
    ]);
  });

  test('have no failure while they are in progress', () => {
    const retried = {
      type: 'order.routing',
      data: { try: 1, cause: { code: 'no_route', reason: 'x' } },
    } as const;
    expect(explainOrder(REQUEST, logOf(retried)).tries).toMatchObject([{ try: 1, failure: null }]);
    const canceled = { type: 'order.canceled', data: { reason: 'asked' } } as const;
    expect(explainOrder(REQUEST, logOf(ROUTING, canceled)).tries).toMatchObject([{ failure: null }]);
    const plain = { type: 'order.routing', data: { try: 2 } } as const;
    expect(explainOrder(REQUEST, logOf(ROUTING, plain)).tries).toMatchObject([{ failure: null }, {}]);
  });

  test('name the best offer over pools of one venue as the best single venue', () => {
    const split = [leg({ venue: 'raydium' }), leg({ venue: 'meteora' })];
    const quotes = [
      quote({ venue: 'raydium', amountOut: '148' }),
      quote({ venue: 'meteora', amountOut: '148.5', behindBestBps: '33.55' }),
      quote({ venue: 'router', amountOut: '149', outcome: 'chosen', legs: split }),
      {
        venue: 'jupiter',
        pool: null,
        outcome: 'unavailable',
        code: 'timeout',
        reason: 'late',
        answerMs: 9,
      } as const,
    ];
    const decided = building(split, quotes, { amountIn: '1', amountOut: '149' });
    const [only] = explainOrder(REQUEST, logOf(ROUTING, decided)).tries;
    expect(only?.decision?.bestSingleVenue).toMatchObject({ venue: 'meteora', behindBestBps: '33.55' });
    expect(only?.decision?.candidates).toEqual(quotes);
  });
});
