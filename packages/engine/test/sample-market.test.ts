import { describe, expect, test } from 'vitest';
import { momentOf } from '../src/domain/moment.ts';
import { createMarketWatch, sampleMarket } from '../src/execution/market/market-watch.ts';
import type { Venue } from '../src/ports/venue.ts';
import { oddVenue, withoutMarket } from './support/odd-venue.ts';
import { recordCalls } from './support/recorded-calls.ts';
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
      const empty = oddVenue(meteora!, { name: 'empty', market: async () => null });
      return [raydium!, withoutMarket(meteora!), empty];
    });
    await market.refresh({ venues: engine.venues, signal: life.signal });
    expect(market.routes.spotAmount(spot)).toBe(149_625_000n); // Raydium's, at 25 bps; Meteora has the better one.
  });

  test('waits for a late venue half as long as for a quote, and continues without it', async () => {
    const { engine, hooks, market, life, clock } = await createSampled();
    hooks.venue('meteora').hold('market');
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
    const { engine, hooks, market, life, clock, lines } = await createSampled(([raydium]) => [raydium!]);
    hooks.venue('raydium').fail('market', new Error('away'));
    const looks = hooks.venue('raydium').calls('market');
    let isOver = false;
    void sampleMarket(engine, market, life.signal).then(() => {
      isOver = true;
    });
    await clock.advance(3_999);
    expect([looks.length, isOver]).toEqual([2, false]);
    expect(lines).toMatchObject([1, 2].map(() => ({ level: 'debug', fields: { error: new Error('away') } })));
    life.abort();
    await clock.advance(10_000);
    expect([looks.length, isOver]).toEqual([2, true]);
  });

  test('leaves no timer behind when every venue answered', async () => {
    const { engine, market, life, clock } = await createSampled();
    const looks = recordCalls(market, 'refresh');
    void sampleMarket(engine, market, life.signal);
    await clock.advance(0);
    expect(looks.map(([{ signal }]) => signal.aborted)).toEqual([true]);
    life.abort();
  });
});

test('a slot from a notification is believed as far as the passed time allows', async () => {
  const { engine, hooks } = await createSampled();
  const { time } = createMarketWatch(engine);
  const [hear] = hooks.chain.calls('onSlot').at(-1)!;
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
