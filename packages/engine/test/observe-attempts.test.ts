import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import { createObserver } from '../src/execution/attempts/observe-attempts.ts';
import { msSince } from '../src/ports/clock.ts';
import type { Claim } from '../src/ports/order-store.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

/** An observer without an engine around it, on a chain that knows nothing, with what it asks and when. */
async function createWatching() {
  const { log, lines } = recordingLog();
  const asked: { atMs: number; count: number; searchHistory: boolean }[] = [];
  const sends: number[] = [];
  let away: Error | undefined;
  const world = await createWorld({
    log,
    nodes: (chain) => [
      {
        ...chain.chain.anyNode,
        signatureStatuses: async (signatures, { searchHistory }) => {
          if (away) throw away;
          asked.push({ atMs: sinceStart(), count: signatures.length, searchHistory });
          return { contextSlot: 1n, statuses: signatures.map(() => null) };
        },
        send: async () => void sends.push(sinceStart()),
      },
    ],
  });
  const { clock, engine } = world;
  const start = clock.moment();
  const sinceStart = () => msSince(clock, start);
  const unfinalized: Attempt[] = [];
  const renewed: string[] = [];
  const orders: Partial<typeof engine.orders> = {
    unfinalizedAttempts: async () => unfinalized,
    renewLeases: async (claims) => void renewed.push(...claims.map(({ orderId }) => orderId)),
  };
  Object.assign(engine.orders, orders);
  const attemptOf = (signature: string, change: Partial<Attempt> = {}) =>
    ({
      ...{ orderId: `order of ${signature}`, attemptNumber: 1, signature, bytes: new Uint8Array() },
      ...{ lastValidBlockHeight: 10n ** 9n, signingSlot: 1n, state: 'open', slot: null, finalized: false },
      recordedAtMs: clock.now(),
      ...change,
    }) as Attempt;
  const claim = { order: { request: { executionGuard: 'protocol' } }, fence: 1 } as Claim;
  const observer = createObserver(engine);
  const life = new AbortController();
  return {
    ...{ clock, lines, asked, sends, unfinalized, renewed, attemptOf, life, observer },
    follow: (signature: string) => observer.follow(attemptOf(signature), claim),
    run: (leads = () => true) => void observer.run(life.signal, leads),
    fail: (error: Error | undefined) => {
      away = error;
    },
  };
}

describe('landed attempts of other processes', () => {
  const landed = { state: 'landed', slot: 10n ** 9n } as const;

  test('are watched from the start on, and later only after a minute without an observer', async () => {
    const { clock, unfinalized, attemptOf, observer, run, life } = await createWatching();
    unfinalized.push(attemptOf('mine', landed));
    run();
    await clock.advance(0);
    expect(observer.counts()).toEqual({ open: 0, landed: 1 });
    unfinalized.push(attemptOf('fresh', { ...landed, recordedAtMs: clock.now() + 1 }));
    unfinalized.push(attemptOf('old', landed));
    await clock.advance(59_999);
    expect(observer.counts().landed).toBe(1);
    await clock.advance(1);
    expect(observer.counts().landed).toBe(2);
    await clock.advance(30_000);
    expect(observer.counts().landed).toBe(3);
    life.abort();
  });

  test('are watched after a minute when their process had a clock that was far ahead', async () => {
    const { clock, unfinalized, attemptOf, observer, run, life } = await createWatching();
    run();
    await clock.advance(0);
    unfinalized.push(attemptOf('from tomorrow', { ...landed, recordedAtMs: clock.now() + 86_400_000 }));
    await clock.advance(30_000);
    expect(observer.counts().landed).toBe(1);
    life.abort();
  });

  test('are watched by the leader only', async () => {
    const { clock, unfinalized, attemptOf, observer, run, life } = await createWatching();
    run(() => false);
    await clock.advance(0);
    unfinalized.push(attemptOf('old', landed));
    await clock.advance(120_000);
    expect(observer.counts().landed).toBe(0);
    life.abort();
  });
});

describe('an open attempt', () => {
  test('is sent at once, and again every two seconds', async () => {
    const { clock, sends, follow, run, life } = await createWatching();
    await follow('a');
    run();
    await clock.advance(6_000);
    expect(sends).toEqual([0, 2_000, 4_000, 6_000]);
    life.abort();
  });

  test('is searched for in the history once it is older than a minute', async () => {
    const { clock, asked, follow, run, life } = await createWatching();
    await follow('a');
    run();
    await clock.advance(120_000);
    const polls = asked.filter(({ count }) => count === 1);
    const plain = polls.filter(({ searchHistory }) => !searchHistory).map(({ atMs }) => atMs);
    expect([Math.min(...plain), Math.max(...plain)]).toEqual([0, 59_000]);
    const deep = polls.filter(({ searchHistory }) => searchHistory).map(({ atMs }) => atMs);
    expect(deep.filter((atMs) => atMs >= 60_000).length).toBeGreaterThanOrEqual(60);
    life.abort();
  });

  test('is asked about together with 255 others', async () => {
    const { clock, asked, follow, run, life } = await createWatching();
    await Promise.all(Array.from({ length: 300 }, (_, index) => follow(`${index}`)));
    run();
    await clock.advance(0);
    expect(asked.filter(({ searchHistory }) => !searchHistory).map(({ count }) => count)).toEqual([256, 44]);
    life.abort();
  });

  test('keeps the lease of its order', async () => {
    const { clock, renewed, follow, run, life } = await createWatching();
    await follow('a');
    run();
    await clock.advance(10_000);
    expect(renewed).toEqual(['order of a', 'order of a']);
    life.abort();
  });

  test('is watched further after an error, which is logged', async () => {
    const { clock, lines, asked, follow, run, fail, life } = await createWatching();
    const error = new Error('away');
    fail(error);
    await follow('a');
    run();
    await clock.advance(1_500);
    expect(lines).toContainEqual({
      ...{ level: 'warn', message: 'observer step failed, retrying' },
      fields: { error, what: 'poll open attempts' },
    });
    fail(undefined);
    await clock.advance(1_000);
    expect(asked.length).toBeGreaterThan(0);
    life.abort();
  });
});

describe.each([
  ['back', -3_600_000],
  ['forth', 3_600_000],
])('while the time of day is set an hour %s', (_, byMs) => {
  test('an open attempt is sent and checked as before, and in the history after a minute', async () => {
    const { clock, asked, sends, follow, run, life } = await createWatching();
    run();
    await follow('mine');
    clock.setNow(clock.now() + byMs);
    await clock.advance(10_000);
    expect(sends.length).toBeGreaterThanOrEqual(5);
    expect(asked.length).toBeGreaterThanOrEqual(9);
    await clock.advance(60_000);
    expect(asked.at(-1)?.searchHistory).toBe(true);
    life.abort();
  });
});
