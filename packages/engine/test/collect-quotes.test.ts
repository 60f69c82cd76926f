import { describe, expect, test } from 'vitest';
import { momentAfter, msBetween } from '../src/domain/moment.ts';
import type { Candidate, Quote, QuoteAnswer } from '../src/domain/quote.ts';
import { collectQuotes } from '../src/execution/quoting/collect-quotes.ts';
import type { Venue } from '../src/ports/venue.ts';
import { misquoting, oddVenue, withoutMarket } from './support/odd-venue.ts';
import { recordingLog } from './support/recording-log.ts';
import { BONK, createWorld, SOL, USDC, type WorldOptions } from './support/world.ts';

const request = { tokenIn: SOL, tokenOut: USDC, swapMode: 'exactIn', amount: 1_000_000_000n } as const;

/** What a venue answers instead of its own. */
type Answer = (own: Venue['quote'], ...ask: Parameters<Venue['quote']>) => ReturnType<Venue['quote']>;

/** Two venues, of which the second answers as it is told; no routes over several pools unless asked for. */
async function createMarket(answer?: Answer, options: WorldOptions = {}) {
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    ...options,
    limits: { maxLegs: 1, ...options.limits },
    venues: ([raydium, meteora]) => [
      raydium!,
      answer ? oddVenue(meteora!, { quote: (...ask) => answer(meteora!.quote, ...ask) }) : meteora!,
    ],
  });
  const collect = async (wanted: Parameters<typeof collectQuotes>[1] = request) => {
    let answers: readonly Candidate[] | undefined;
    const asked = collectQuotes(world.engine, wanted).then((all) => {
      answers = all;
    });
    await world.clock.advance(0);
    return {
      answered: () => answers,
      all: async () => {
        await world.clock.advance(2_000);
        await asked;
        return answers!;
      },
    };
  };
  const answersOf = async (...input: Parameters<typeof collect>) => (await collect(...input)).all();
  return { ...world, world, lines, collect, answersOf };
}

describe('every venue answers', () => {
  test('with its offer and its age, in the order of the venues', async () => {
    const { chain, world, answersOf } = await createMarket();
    await world.start();
    await world.slots(3);
    const answers = await answersOf();
    expect(answers).toMatchObject([
      { outcome: 'quoted', slotsBehind: 0, ageMs: null, quote: { venue: 'raydium', slot: chain.slot() } },
      { outcome: 'quoted', slotsBehind: 0, ageMs: null, quote: { venue: 'meteora' } },
    ]);
    await world.stop();
  });

  test('or has no pool, which is no failure of the venue', async () => {
    const { engine, answersOf } = await createMarket(async () => []);
    for (let round = 0; round < 4; round += 1)
      expect((await answersOf())[1]).toEqual({
        ...{ outcome: 'refused', venue: 'meteora', pool: null, code: 'no_pool', answerMs: 0 },
        reason: 'no pool for this pair',
      });
    expect(engine.market.health.of('meteora').failures).toBe(0);
  });

  test('or was not asked, which is no failure of the venue', async () => {
    const refused = { outcome: 'refused', venue: 'meteora', pool: null, answerMs: 0 } as const;
    const { engine, answersOf } = await createMarket(async () => [
      { ...refused, code: 'not_asked', reason: 'not asked for 1 s' },
    ]);
    for (let round = 0; round < 4; round += 1)
      expect(await answersOf()).toMatchObject([{ outcome: 'quoted' }, { code: 'not_asked' }]);
    expect(engine.market.health.of('meteora').failures).toBe(0);
  });

  test('or is unreachable, which is logged', async () => {
    const { lines, answersOf } = await createMarket(() => Promise.reject(new Error('away')));
    expect(await answersOf()).toMatchObject([
      { outcome: 'quoted' },
      { code: 'unavailable', venue: 'meteora', reason: 'the venue could not be asked' },
    ]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { venue: 'meteora', error: new Error('away') } }]);
  });

  test("or is late: the round ends at the deadline, and the late venue's signal aborts", async () => {
    let isOver = false;
    const { clock, collect } = await createMarket(
      (_own, _request, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (isOver = true));
        }),
      { limits: { quoteTimeoutMs: 300 } },
    );
    const late = await collect();
    await clock.advance(299);
    expect([late.answered(), isOver]).toEqual([undefined, false]);
    await clock.advance(1);
    expect(late.answered()?.[1]).toMatchObject({
      ...{ code: 'timeout', reason: 'no answer within 300 ms', answerMs: 300 },
    });
    expect(isOver).toBe(true);
  });
});

describe('a venue is taken for failing', () => {
  const failing: QuoteAnswer = {
    ...{ outcome: 'refused', venue: 'meteora', pool: 'met', reason: 'broken', answerMs: 1 },
    code: 'unavailable',
  };
  const failuresAfter = async (...answers: QuoteAnswer[]) => {
    const { engine, answersOf } = await createMarket(async () => answers);
    await answersOf();
    return engine.market.health.of('meteora');
  };

  test('when none of its answers concerns its pools', async () => {
    expect(await failuresAfter(failing)).toMatchObject({ failures: 1, lastFailure: 'broken' });
    expect(await failuresAfter({ ...failing, code: 'timeout' }, failing)).toMatchObject({ failures: 1 });
  });

  test('but not when one of them does', async () => {
    expect(await failuresAfter(failing, { ...failing, code: 'refused_by_pool' })).toMatchObject({
      failures: 0,
    });
    expect(await failuresAfter({ ...failing, code: 'too_large' })).toMatchObject({ failures: 0 });
  });

  test('and after three failures is named, but not asked', async () => {
    let asked = 0;
    const { answersOf } = await createMarket(async () => {
      asked += 1;
      return [failing];
    });
    for (let round = 0; round < 3; round += 1) await answersOf();
    const answers = await answersOf();
    expect(asked).toBe(3);
    expect(answers).toMatchObject([
      { outcome: 'quoted', quote: { venue: 'raydium' } },
      { outcome: 'refused', venue: 'meteora', pool: null, code: 'sidelined', answerMs: 0 },
    ]);
    expect(answers[1]).toMatchObject({ reason: expect.stringContaining('after 3 failures in a row') });
  });
});

describe('the age of a quote', () => {
  /** Both venues' offers are of a slot so much older, or newer, than the newest one heard of. */
  async function offersOf(behind: number, readAgoMs?: number) {
    const old = (quote: Quote): Quote => ({
      ...quote,
      slot: world.chain.slot() - BigInt(behind),
      ...(readAgoMs !== undefined && { readAt: momentAfter(world.clock.moment(), -readAgoMs) }),
    });
    const { world, answersOf } = await createMarket(
      async (own, ...ask) =>
        (await own(...ask)).map((answer) =>
          answer.outcome === 'refused' ? answer : { ...answer, answerMs: 7, quote: old(answer.quote) },
        ),
      { limits: { maxQuoteAgeSlots: 4 } },
    );
    await world.start();
    await world.slots(10);
    const [, answer] = await answersOf();
    await world.stop();
    return answer;
  }

  test('is given in slots and milliseconds', async () => {
    expect(await offersOf(4, 250)).toMatchObject({ outcome: 'quoted', slotsBehind: 4, ageMs: 250 });
    expect(await offersOf(-2)).toMatchObject({ outcome: 'quoted', slotsBehind: 0, ageMs: null });
  });

  test('beyond the limit excludes it from the offers', async () => {
    expect(await offersOf(5)).toEqual({
      ...{ outcome: 'refused', venue: 'meteora', pool: 'met', code: 'stale', answerMs: 7 },
      reason: 'its accounts are 5 slots old, at most 4 are allowed',
    });
  });
});

describe('routes over several pools', () => {
  const pool = { venue: 'meteora', address: 'bonk', tokenA: BONK, tokenB: USDC, feeBps: 30 };
  const pools = [{ pool, reserves: [10n ** 15n, 10n ** 12n] as const }];

  test('stand beside the offers, under the name router', async () => {
    const { answersOf } = await createMarket(undefined, { pools, limits: { maxLegs: 5 } });
    const answers = await answersOf({ ...request, tokenOut: BONK });
    expect(answers.map((answer) => (answer.outcome === 'quoted' ? answer.quote.venue : answer.code))).toEqual(
      ['no_pool', 'no_pool', 'router'],
    );
  });

  test('are left out where none exists', async () => {
    const { answersOf } = await createMarket(undefined, { pools });
    const answers = await answersOf({ ...request, tokenOut: BONK });
    expect(answers).toMatchObject([{ code: 'no_pool' }, { code: 'no_pool' }]);
    expect(answers).toHaveLength(2);
  });
});

describe('a venue outside', () => {
  /** Meteora's pools are not the engine's own here; it answers so late, and offers so much more than it would. */
  async function outside({ afterMs = 0, moreBps = -100n, fails = false } = {}) {
    const asked = { moreBps, fails };
    const world = await createWorld({
      limits: { maxLegs: 1, quoteTimeoutMs: 1_000 },
      venues: ([raydium, meteora]) => [
        raydium!,
        misquoting(withoutMarket(meteora!), (quote) => {
          if (asked.fails) throw new Error('away');
          const amountOut = (quote.route.amountOut * (10_000n + asked.moreBps)) / 10_000n;
          return { ...quote, route: { ...quote.route, amountOut } };
        }),
      ],
    });
    const answersAfter = (ms: number) => world.hooks.venue('meteora').delay('quote', ms);
    answersAfter(afterMs);
    /** The answer about the venue outside, and after how many milliseconds the round ended. */
    const round = async (suffice?: () => boolean) => {
      const from = world.clock.moment();
      let ended: { answer: Candidate; ms: number } | undefined;
      void collectQuotes(world.engine, request, suffice && { suffice }).then(([, answer]) => {
        ended = { answer: answer!, ms: msBetween(from, world.clock.moment()) };
      });
      while (!ended) await world.clock.advance(1);
      await world.clock.advance(2_000); // A late answer comes.
      return ended;
    };
    const rounds = async (count: number) => {
      for (let number = 0; number < count; number += 1) await round(() => true);
    };
    return { ...world, asked, answersAfter, round, rounds };
  }

  test('is waited for where too little is known of it, or the own offers do not suffice', async () => {
    const { round, rounds } = await outside({ afterMs: 500 });
    await rounds(4);
    expect(await round(() => true)).toMatchObject({ ms: 500, answer: { outcome: 'quoted' } });
    expect(await round(() => false)).toMatchObject({ ms: 500, answer: { outcome: 'quoted' } });
    expect(await round()).toMatchObject({ ms: 500, answer: { outcome: 'quoted' } });
  });

  test('that gains nothing gets a few milliseconds, also where its answers come late', async () => {
    const { answersAfter, round, rounds } = await outside({ afterMs: 500 });
    await rounds(5);
    expect(await round(() => true)).toMatchObject({
      ms: 5,
      answer: { code: 'not_awaited', reason: 'not waited for: budget 5 ms', answerMs: 5 },
    });
    answersAfter(3);
    expect(await round(() => true)).toMatchObject({ answer: { outcome: 'quoted' } });
  });

  test('that gains much is waited for, at most until the timeout', async () => {
    const { answersAfter, round, rounds } = await outside({ afterMs: 500, moreBps: 100n });
    await rounds(5);
    expect(await round(() => true)).toMatchObject({ ms: 500, answer: { outcome: 'quoted' } });
    answersAfter(1_500);
    expect(await round(() => true)).toMatchObject({ ms: 1_000, answer: { code: 'timeout' } });
  });

  test('is judged by its late answers too', async () => {
    const { engine, asked, rounds } = await outside({ afterMs: 500, fails: true });
    asked.fails = false;
    await rounds(5);
    asked.fails = true;
    await rounds(2);
    expect(engine.market.health.of('meteora')).toMatchObject({ failures: 2 });
    asked.fails = false;
    await rounds(1);
    expect(engine.market.health.of('meteora')).toMatchObject({ failures: 0 });
  });
});
