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

describe('a listener to the market', () => {
  test('is called once for each newer reading, until it leaves', async () => {
    const { world, market, life } = await createSampled();
    let calls = 0;
    const leave = market.onChange(() => {
      calls += 1;
    });
    const [{ market: read }] = world.engine.venues as [Venue];
    const states = [await read!(life.signal), await read!(life.signal)];
    const venues = [oddVenue(world.engine.venues[0]!, { market: async () => states[0]! })];
    for (const expected of [1, 1]) {
      await market.refresh({ venues, signal: life.signal });
      expect(calls).toBe(expected);
    }
    states.shift();
    await market.refresh({ venues, signal: life.signal });
    expect(calls).toBe(2);
    leave();
    await market.refresh({ venues: world.engine.venues, signal: life.signal });
    expect(calls).toBe(2);
  });

  test('that throws is logged, and harms neither the reading nor another listener', async () => {
    const { engine, market, life, lines } = await createSampled();
    const error = new Error('broken');
    market.onChange(() => {
      throw error;
    });
    let seen: bigint | null = null;
    market.onChange(() => {
      seen = market.routes.spotAmount(spot);
    });
    expect(await market.refresh({ venues: engine.venues, signal: life.signal })).toBe(true);
    expect(seen).toBe(149_700_000n);
    expect(lines).toMatchObject([{ level: 'error', fields: { error } }]);
  });

  test('has the pools refreshed in every slot, some time after it began, and from its first moment on', async () => {
    const { world, hooks, market, life, clock } = await createSampled();
    void sampleMarket(world.engine, market, life.signal);
    await world.slots(1);
    const looks = hooks.venue('raydium').calls('market');
    looks.length = 0;
    const leave = market.onChange(() => {});
    await clock.advance(100);
    expect(looks).toHaveLength(1);
    await world.slots(2);
    expect(looks.length).toBeGreaterThanOrEqual(3);
    leave();
    await clock.advance(100);
    looks.length = 0;
    await clock.advance(1_000);
    expect(looks.length).toBeLessThanOrEqual(1);
    life.abort();
  });

  test('hears nothing while the pools cannot be read, which is tried at most once in 400 ms', async () => {
    const { engine, hooks, market, life, clock } = await createSampled(([raydium]) => [raydium!]);
    hooks.venue('raydium').fail('market', new Error('away'));
    void sampleMarket(engine, market, life.signal);
    let calls = 0;
    market.onChange(() => {
      calls += 1;
    });
    const looks = hooks.venue('raydium').calls('market');
    await clock.advance(4_000);
    expect(looks.length).toBeLessThanOrEqual(12);
    expect(calls).toBe(0);
    hooks.venue('raydium').heal('market');
    await clock.advance(500);
    expect(calls).toBeGreaterThan(0);
    life.abort();
  });
});

test('a reading that waited for a late venue is not taken after a newer one', async () => {
  const { world, engine, hooks, market, life, clock } = await createSampled();
  const release = hooks.venue('meteora').hold('market');
  const old = market.refresh({ venues: engine.venues, signal: life.signal });
  await clock.advance(0);
  world.priceFalls('10 %');
  hooks.venue('meteora').heal('market');
  await market.refresh({ venues: engine.venues, signal: life.signal });
  const newest = market.routes.spotAmount(spot);
  release();
  await clock.advance(500);
  expect(await old).toBe(true);
  expect(market.routes.spotAmount(spot)).toBe(newest);
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
