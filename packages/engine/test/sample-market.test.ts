import { describe, expect, test } from 'vitest';
import { momentOf } from '../src/domain/moment.ts';
import type { MarketState } from '../src/domain/pool-state.ts';
import { createMarketWatch, sampleMarket } from '../src/execution/market/market-watch.ts';
import type { Venue } from '../src/ports/venue.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, SOL, USDC, type WorldOptions } from './support/world.ts';

const spot = { tokenIn: SOL, tokenOut: USDC, swapMode: 'exactIn', amount: 1_000_000_000n } as const;

async function createSampled(venues?: (venues: Venue[]) => Venue[]) {
  const { log, lines } = recordingLog();
  const options: WorldOptions = { log, limits: { quoteTimeoutMs: 1_000 }, ...(venues && { venues }) };
  const world = await createWorld(options);
  const market = createMarketWatch(world.engine);
  const life = new AbortController();
  return { ...world, world, market, lines, life };
}

describe('a sample of the market', () => {
  test('notes routes and prices of every venue that shows its pools', async () => {
    const { engine, market, life } = await createSampled(([raydium, meteora]) => {
      const { market: _, ...hidden } = meteora!;
      return [raydium!, hidden, { ...hidden, name: 'empty', market: async () => null }];
    });
    await market.refresh({ venues: engine.venues, signal: life.signal });
    expect(market.routes.spotAmount(spot)).toBe(149_625_000n); // Raydium's, at 25 bps; Meteora has the better one.
  });

  test('waits for a late venue half as long as for a quote, and goes on without it', async () => {
    const { engine, market, life, clock } = await createSampled(([raydium, meteora]) => [
      raydium!,
      { ...meteora!, market: () => new Promise<MarketState>(() => {}) },
    ]);
    let isDone = false;
    void market.refresh({ venues: engine.venues, signal: life.signal }).then(() => {
      isDone = true;
    });
    await clock.advance(499);
    expect(isDone).toBe(false);
    await clock.advance(1);
    expect(isDone).toBe(true);
    expect(market.routes.spotAmount(spot)).toBe(149_625_000n);
  });

  test('repeats every two seconds, and continues after a failure', async () => {
    let looks = 0;
    const { engine, market, life, clock, lines } = await createSampled(([raydium]) => [
      {
        ...raydium!,
        market: async () => {
          looks += 1;
          throw new Error('away');
        },
      },
    ]);
    let isOver = false;
    void sampleMarket(engine, market, life.signal).then(() => {
      isOver = true;
    });
    await clock.advance(3_999);
    expect([looks, isOver]).toEqual([2, false]);
    expect(lines).toMatchObject([1, 2].map(() => ({ level: 'debug', fields: { error: new Error('away') } })));
    life.abort();
    await clock.advance(10_000);
    expect([looks, isOver]).toEqual([2, true]);
  });

  test('leaves no timer behind when every venue answered', async () => {
    const { engine, market, life, clock } = await createSampled();
    const signals: AbortSignal[] = [];
    const { refresh } = market;
    const watched = {
      ...market,
      refresh: (ask: Parameters<typeof refresh>[0]) => {
        signals.push(ask.signal);
        return refresh(ask);
      },
    };
    void sampleMarket(engine, watched, life.signal);
    await clock.advance(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    life.abort();
  });
});

test('a slot from a notification is believed as far as the passed time allows', async () => {
  const { engine } = await createSampled();
  let hear: (slot: bigint) => void = () => {};
  const chain = {
    ...engine.chain,
    onSlot: (listener: typeof hear) => {
      hear = listener;
      return () => {};
    },
  };
  const { time } = createMarketWatch({ ...engine, chain });
  time.slots.judge([5n, 5n], engine.clock.moment());
  const believed = [7n, 6n, 1_000n, 9_000_000_000_000n, 8n].map((slot) => {
    hear(slot);
    return time.slots.newest;
  });
  expect(believed).toEqual([7n, 7n, 7n, 7n, 8n]);
});

test('failing venues are sidelined while another one remains', async () => {
  const { engine, market } = await createSampled();
  const { venues } = engine;
  const fail = (...names: string[]) => {
    for (let round = 0; round < 3; round += 1)
      market.health.note(
        new Map([...names.map((name) => [name, 'late'] as const), ['other', null]]),
        momentOf(1_000),
      );
  };
  expect(market.sidelined(venues, momentOf(1_000))).toEqual(new Map());
  fail('raydium');
  expect([...market.sidelined(venues, momentOf(1_000)).keys()]).toEqual(['raydium']);
  expect(market.sidelined(venues, momentOf(1_000)).get('raydium')).toContain(
    'after 3 failures in a row, the last: late',
  );
  expect(market.sidelined(venues.slice(0, 1), momentOf(1_000))).toEqual(new Map());
  expect(market.sidelined(venues, momentOf(6_000))).toEqual(new Map());
  fail('meteora');
  expect(market.sidelined(venues, momentOf(1_000))).toEqual(new Map());
});
