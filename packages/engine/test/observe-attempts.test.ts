import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import { toBlockHeight } from '../src/domain/block-height.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { type Signature, toSignature } from '../src/domain/signature.ts';
import { timeAfter } from '../src/domain/timestamp.ts';
import { createObserver } from '../src/execution/attempts/observe-attempts.ts';
import { ChainUnavailable, type SignatureStatus } from '../src/ports/chain.ts';
import { msSince } from '../src/ports/clock.ts';
import { attemptOf, newTestOrder } from '../src/ports/order-store.suite.ts';
import type { Claim } from '../src/ports/order-store.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { leaveOrder } from './support/stored-order.ts';
import { createWorld } from './support/world.ts';

/** An observer without an engine around it, on a chain that knows nothing, with what it asks and when. */
async function createWatching() {
  const { log, lines } = recordingLog();
  const asked: { atMs: number; count: number; searchHistory: boolean }[] = [];
  const shown: { status: SignatureStatus | null } = { status: null };
  const sends: number[] = [];
  const world = await createWorld({
    log,
    nodes: (chain) => [
      lyingNode(chain.chain.anyNode, {
        signatureStatuses: async (signatures, { searchHistory }) => {
          asked.push({ atMs: sinceStart(), count: signatures.length, searchHistory });
          return { contextSlot: 1n, statuses: signatures.map(() => shown.status) };
        },
        send: async () => void sends.push(sinceStart()),
      }),
    ],
  });
  const { clock, engine, hooks } = world;
  const start = clock.moment();
  const sinceStart = () => msSince(clock, start);
  const renewals = hooks.orders.calls('renewLeases');
  /** An attempt of another process that landed, far ahead of what is final. */
  const leaveLanded = (recordedAtMs = clock.now()) =>
    leaveOrder(engine, { attempt: { recordedAtMs }, landedAt: 10n ** 9n });
  const openAttempt = (signature: Signature): Attempt => {
    const { order } = newTestOrder({ orderId: toOrderId(`order of ${signature}`) });
    const lastValidBlockHeight = 10n ** 9n;
    return {
      ...attemptOf(order, 1),
      signature,
      lastValidBlockHeight: toBlockHeight(lastValidBlockHeight),
      recordedAtMs: clock.now(),
    };
  };
  const claim = { order: { request: { executionGuard: 'protocol' } }, fence: 1 } as Claim;
  const observer = createObserver(engine);
  const life = new AbortController();
  return {
    ...{ clock, hooks, lines, asked, shown, sends, renewals, leaveLanded, life, observer },
    follow: (signature: string) => observer.follow(openAttempt(toSignature(signature)), claim),
    run: (leads = () => true) => void observer.run(life.signal, leads),
  };
}

test('an order whose fill no node can show holds up no other order', async () => {
  const unreadable = new Set<Signature>();
  const world = await createWorld({
    nodes: ({ chain }) => [
      lyingNode(chain.anyNode, {
        transaction: async (signature, commitment) => {
          if (unreadable.has(signature)) throw new ChainUnavailable('its history is away');
          return chain.anyNode.transaction(signature, commitment);
        },
      }),
    ],
  });
  await world.start();
  const firstOf = async ({ request }: Order) => (await world.engine.orders.attempts(request.orderId))[0];
  const held = await world.submit();
  world.takesSends(({ orderId, signature }) => {
    if (orderId === held.request.orderId) unreadable.add(toSignature(signature));
    return orderId === held.request.orderId ? 'deliver' : 'drop';
  });
  const lost = await world.submit();
  await world.slots(250); // A blockhash's life and its finality.
  expect((await world.order(held)).status).toBe('submitted');
  expect(world.swapsOf(held)).toBe(1);
  expect((await firstOf(lost))?.state).toBe('expired');
  await world.stop();
});

describe('landed attempts of other processes', () => {
  test('are watched from the start on, and later only after a minute without an observer', async () => {
    const { clock, leaveLanded, observer, run, life } = await createWatching();
    await leaveLanded();
    run();
    await clock.advance(0);
    expect(observer.counts()).toEqual({ open: 0, landed: 1 });
    await leaveLanded(timeAfter(clock.now(), 1));
    await leaveLanded();
    await clock.advance(59_999);
    expect(observer.counts().landed).toBe(1);
    await clock.advance(1);
    expect(observer.counts().landed).toBe(2);
    await clock.advance(30_000);
    expect(observer.counts().landed).toBe(3);
    life.abort();
  });

  test('are watched after a minute when their process had a clock that was far ahead', async () => {
    const { clock, leaveLanded, observer, run, life } = await createWatching();
    run();
    await clock.advance(0);
    await leaveLanded(timeAfter(clock.now(), 86_400_000));
    await clock.advance(30_000);
    expect(observer.counts().landed).toBe(1);
    life.abort();
  });

  test('are watched by the leader only', async () => {
    const { clock, leaveLanded, observer, run, life } = await createWatching();
    run(() => false);
    await clock.advance(0);
    await leaveLanded();
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

  test('is sent every ten seconds while a node shows it in a block, and again every two when none does', async () => {
    const { clock, sends, shown, follow, run, life } = await createWatching();
    shown.status = { slot: 7n, commitment: 'processed', error: null };
    await follow('a');
    run();
    await clock.advance(22_000);
    expect(sends).toEqual([0, 10_000, 20_000]);
    shown.status = null;
    await clock.advance(6_000);
    expect(sends.slice(3)).toEqual([23_000, 25_000, 27_000]);
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
    const { clock, renewals, follow, run, life } = await createWatching();
    await follow('a');
    run();
    await clock.advance(10_000);
    const renewed = renewals.flatMap(([claims]) => claims.map(({ orderId }) => orderId));
    expect(renewed).toEqual(['order of a', 'order of a']);
    life.abort();
  });

  test('is watched further after an error, which is logged', async () => {
    const { clock, hooks, lines, asked, follow, run, life } = await createWatching();
    const error = new Error('away');
    hooks.node('memory').fail('signatureStatuses', error);
    await follow('a');
    run();
    await clock.advance(1_500);
    expect(lines).toContainEqual({
      ...{ level: 'warn', message: 'observer step failed, retrying' },
      fields: { error, what: 'poll open attempts' },
    });
    hooks.node('memory').heal();
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
