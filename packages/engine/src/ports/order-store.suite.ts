import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSystemRandom } from '../adapters/system/random.ts';
import { appendEvents, foldOrder, newOrder } from '../domain/apply-event.ts';
import type { Attempt } from '../domain/attempt.ts';
import { toBlockHeight } from '../domain/block-height.ts';
import { type Order, type OrderId, toAccountId, toOrderId } from '../domain/order.ts';
import type { AttemptChange } from '../domain/order-change.ts';
import type { EventDraft, OrderEvent } from '../domain/order-event.ts';
import { toSignature } from '../domain/signature.ts';
import { timeAfter, toEpochMs } from '../domain/timestamp.ts';
import { toMint } from '../domain/token.ts';
import {
  type Claim,
  LONGEST_REST_MS,
  type OrderStore,
  type SubmissionKeys,
  type Transition,
  WAITING_REST_MS,
} from './order-store.ts';

const random = createSystemRandom();
const SOL = { mint: toMint('So1'), symbol: 'SOL', decimals: 9, tokenProgram: 'tokens' };
const USDC = { mint: toMint('Usdc'), symbol: 'USDC', decimals: 6, tokenProgram: 'tokens' };
export const NO_KEYS: SubmissionKeys = { idempotencyKey: null, fingerprint: 'f' };
export const LEASE_MS = 30_000;
const RELEASED = { kind: 'release', wakeAfterMs: 0 } as const;

export const ROUTING: EventDraft = { type: 'order.routing', data: { try: 1 } };
const WAITING: EventDraft = {
  type: 'order.waiting',
  data: {
    cause: 'chain_unavailable',
    reason: 'The chain does not answer.',
    since: '2025-06-15T15:06:40.500Z',
    until: '2025-06-15T15:16:40.500Z',
  },
};
export const BUILDING: Extract<EventDraft, { type: 'order.building' }> = {
  type: 'order.building',
  data: {
    quotes: [],
    route: {
      amountIn: '1',
      amountOut: '150',
      legs: [
        {
          venue: 'raydium',
          pool: 'p',
          poolKind: 'k',
          tokenIn: 'SOL',
          tokenOut: 'USDC',
          amountIn: '1',
          amountOut: '150',
          fee: '0',
          feeToken: 'SOL',
        },
      ],
    },
    minAmountOut: '148.5',
    quotedPrice: '150',
    quotesMs: 1,
  },
};
export const submitted = (attempt: Attempt): EventDraft => ({
  type: 'order.submitted',
  data: { attemptNumber: attempt.attemptNumber, signature: attempt.signature, lastValidBlockHeight: '250' },
});
export const fill = (signature: string) => ({
  signature,
  slot: '101',
  amountIn: '1',
  amountOut: '149.5',
  executedPrice: '149.5',
  fees: { network: '0.000005', rent: '-0.00203928' },
});

/** A store under test; `wait` lets its own clock move on. */
export interface StoreUnderTest {
  readonly store: OrderStore;
  wait(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** The promises of the OrderStore port, for every implementation. */
export function orderStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of an order store`, () => {
    let under: StoreUnderTest;
    let store: OrderStore;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under.close());

    async function submitNew(request: Partial<Order['request']> = {}, keys = NO_KEYS): Promise<Order> {
      const { order, events } = newTestOrder(request);
      expect(await store.submit(order, events, keys)).toMatchObject({ outcome: 'created' });
      return order;
    }

    async function claimed(order: Order): Promise<Claim> {
      const result = await store.claim(order.request.orderId, LEASE_MS);
      if (result.outcome !== 'claimed') throw new Error('not claimed');
      return result.claim;
    }

    async function advance(
      claim: Claim,
      drafts: readonly EventDraft[],
      rest: Partial<Transition> = {},
    ): Promise<Claim> {
      const change = transition(claim, drafts, rest);
      expect(await store.transition(change)).toMatchObject({ outcome: 'committed' });
      return { ...claim, order: change.order };
    }

    async function withOpenAttempt(
      request: Partial<Order['request']> = {},
    ): Promise<{ claim: Claim; attempt: Attempt }> {
      const order = await submitNew(request);
      const building = await advance(await claimed(order), [ROUTING, BUILDING]);
      const attempt = attemptOf(order, 1);
      return {
        claim: await advance(building, [submitted(attempt)], { attempt: { kind: 'record', attempt } }),
        attempt,
      };
    }

    async function expectFolded(order: Order): Promise<void> {
      const { orderId } = order.request;
      const [row, log] = [await store.get(orderId), await store.events(orderId, 0, 1_000)];
      expect(foldOrder(order.request, log)).toEqual(row);
      expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
    }

    test('gives back a submitted order', async () => {
      const order = await submitNew({ minAmountOut: 5n, clientOrderId: random.uuid() });
      expect(await store.get(order.request.orderId)).toEqual(order);
      await expectFolded(order);
    });

    test('gives back every field of a request: amounts to the unit, names to the character', async () => {
      const most = 2n ** 64n - 1n;
      const order = await submitNew({
        tokenIn: { mint: toMint('mintIn'), symbol: 'ñ "{\\}" 🦀', decimals: 0, tokenProgram: 'p' },
        tokenOut: { mint: toMint('mintOut'), symbol: "it's", decimals: 18, tokenProgram: 'q' },
        ...{ swapMode: 'partialFill', slippageBps: 'auto', executionGuard: 'strict', dialect: 'mixed' },
        ...{ amount: most, minAmountOut: most - 1n, maxAmountIn: 2n ** 53n + 1n, seenAmount: 0n },
        ...{
          maxPriceImpactBps: 0,
          heldUntilMs: toEpochMs(1_750_000_000_124),
          expiresAtMs: toEpochMs(1_750_000_000_125),
        },
      });
      expect(await store.get(order.request.orderId)).toEqual(order);
    });

    test('gives events back byte for byte', async () => {
      const order = await submitNew();
      const change = transition(await claimed(order), [ROUTING, BUILDING], {});
      await store.transition(change);
      const log = await store.events(order.request.orderId, 1, 10);
      expect(JSON.stringify(log)).toBe(JSON.stringify(change.events));
    });

    test('does not know an order that was never submitted', async () => {
      expect(await store.get(toOrderId(random.uuid()))).toBeUndefined();
      expect(await store.events(toOrderId(random.uuid()), 0, 10)).toEqual([]);
      expect(await store.claim(toOrderId(random.uuid()), LEASE_MS)).toEqual({ outcome: 'notAvailable' });
    });

    test.each(['idempotencyKey', 'clientOrderId'] as const)('takes one order per %s', async (key) => {
      const value = random.uuid();
      const request = key === 'clientOrderId' ? { clientOrderId: value } : {};
      const keys = { idempotencyKey: key === 'idempotencyKey' ? value : null, fingerprint: 'a' };
      const first = await submitNew(request, keys);
      const again = newTestOrder(request);
      expect(await store.submit(again.order, again.events, keys)).toEqual({
        outcome: 'existing',
        order: first,
      });
      expect(await store.submit(again.order, again.events, { ...keys, fingerprint: 'b' })).toEqual({
        outcome: 'conflict',
        key,
        orderId: first.request.orderId,
      });
      expect(await store.get(again.order.request.orderId)).toBeUndefined();
    });

    test('takes one of fifty equal submissions at once', async () => {
      const keys = { idempotencyKey: random.uuid(), fingerprint: 'a' };
      const results = await Promise.all(
        Array.from({ length: 50 }, () => newTestOrder()).map(({ order, events }) =>
          store.submit(order, events, keys),
        ),
      );
      expect(results.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'existing')).toHaveLength(49);
    });

    test('accepts the repetition of one submission whose answer was lost', async () => {
      const { order, events } = newTestOrder();
      await store.submit(order, events, NO_KEYS);
      expect(await store.submit(order, events, NO_KEYS)).toMatchObject({ outcome: 'created' });
      expect(await store.events(order.request.orderId, 0, 10)).toHaveLength(1);
    });

    test('gives the order to one of two claims, with a fence that grows', async () => {
      const order = await submitNew();
      const { orderId } = order.request;
      const results = await Promise.all([store.claim(orderId, LEASE_MS), store.claim(orderId, LEASE_MS)]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'notAvailable']);
      await store.release(orderId, 1, 0);
      expect(await claimed(order)).toEqual({ fence: 2, order, openAttempt: null });
    });

    test('gives the order to another worker when the lease has expired', async () => {
      const order = await submitNew();
      expect((await store.claim(order.request.orderId, 50)).outcome).toBe('claimed');
      await under.wait(120);
      expect((await claimed(order)).fence).toBe(2);
    });

    test('writes nothing for an old fence', async () => {
      const order = await submitNew();
      const old = await claimed(order);
      await store.release(order.request.orderId, old.fence, 0);
      const current = await claimed(order);
      expect(await store.transition(transition(old, [ROUTING]))).toEqual({ outcome: 'stale' });
      expect(await store.get(order.request.orderId)).toEqual(order);
      await advance(current, [ROUTING]);
      await expectFolded(order);
    });

    test('commits one of two changes that start from the same sequence', async () => {
      const claim = await claimed(await submitNew());
      const results = await Promise.all([
        store.transition(transition(claim, [ROUTING])),
        store.transition(transition(claim, [ROUTING])),
      ]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'stale']);
      await expectFolded(claim.order);
    });

    test('is not due before the time that a release names', async () => {
      const order = await submitNew();
      const claim = await claimed(order);
      await advance(claim, [ROUTING], { lease: { kind: 'release', wakeAfterMs: 150 } });
      expect(await store.claim(order.request.orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      expect(await store.dueOrders(1_000)).not.toContain(order.request.orderId);
      await under.wait(250);
      expect(await store.dueOrders(1_000)).toContain(order.request.orderId);
      expect((await claimed(order)).order.tryNumber).toBe(1);
    });

    describe('an order with a time that a clock which was ahead wrote', () => {
      const AHEAD_MS = 3_600_000;

      test('is due whether it is in flight, in backoff or waiting, and is named first', async () => {
        const release = { kind: 'release', wakeAfterMs: AHEAD_MS } as const;
        const early = await submitNew();
        const resting = await submitNew();
        await advance(await claimed(resting), [ROUTING], { lease: release });
        const waiting = await submitNew();
        await advance(await claimed(waiting), [ROUTING, WAITING], { lease: release });
        const { claim, attempt } = await withOpenAttempt();
        await store.release(claim.order.request.orderId, claim.fence, AHEAD_MS);

        const far = [resting, waiting, claim.order].map(({ request }) => request.orderId);
        const due = await store.dueOrders(10_000);
        expect(due.slice(0, 3).sort()).toEqual([...far].sort());
        expect(due).toContain(early.request.orderId);
        expect(due).toHaveLength(new Set(due).size);
        expect(await store.dueOrders(2)).toHaveLength(2);
        await claimed(resting);
        await claimed(waiting);
        expect((await claimed(claim.order)).openAttempt).toEqual(attempt);
      });

      test('is not due if the time is within the longest rest', async () => {
        const order = await submitNew();
        const { fence } = await claimed(order);
        await store.release(order.request.orderId, fence, LONGEST_REST_MS);
        expect(await store.dueOrders(10_000)).not.toContain(order.request.orderId);
        expect(await store.claim(order.request.orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      });

      test('is not due if it is held, until its deadline passes or it is started', async () => {
        const held = await submitNew({ heldUntilMs: toEpochMs(4_102_444_800_000) });
        const over = await submitNew({ heldUntilMs: toEpochMs(1) });
        const ids = [held, over].map(({ request }) => request.orderId) as [OrderId, OrderId];
        for (const order of [held, over]) {
          const { fence } = await claimed(order);
          await store.release(order.request.orderId, fence, AHEAD_MS);
        }
        expect(await store.dueOrders(10_000)).not.toContain(ids[0]);
        expect(await store.claim(ids[0], LEASE_MS)).toEqual({ outcome: 'notAvailable' });
        expect(await store.dueOrders(10_000)).toContain(ids[1]);
        await claimed(over);

        const start = transition({ order: held, fence: 0, openAttempt: null }, [ROUTING], { fence: null });
        expect(await store.transition(start)).toMatchObject({ outcome: 'committed' });
        expect(await store.dueOrders(10_000)).toContain(ids[0]);
        await claimed(held);
      });

      test('can be claimed anew if the time is the end of a lease, and the old holder can write nothing', async () => {
        const order = await submitNew();
        const { orderId } = order.request;
        const ahead = await store.claim(orderId, AHEAD_MS);
        if (ahead.outcome !== 'claimed') throw new Error('not claimed');
        expect(await store.dueOrders(10_000)).toContain(orderId);
        const { fence } = await claimed(order);
        expect(fence).toBe(ahead.claim.fence + 1);
        expect(await store.transition(transition(ahead.claim, [ROUTING]))).toEqual({ outcome: 'stale' });
        expect(await store.dueOrders(10_000)).not.toContain(orderId);
      });
    });

    test('keeps the attempt and its bytes, and hands it to the next claim', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const { orderId } = claim.order.request;
      expect(await store.attempts(orderId)).toEqual([attempt]);
      await store.release(orderId, claim.fence, 0);
      const next = await claimed(claim.order);
      expect(next.openAttempt).toEqual(attempt);
      expect(next.order).toEqual(claim.order);
    });

    test('refuses a second open attempt', async () => {
      const { claim } = await withOpenAttempt();
      const second = attemptOf(claim.order, 2);
      const change: AttemptChange = { kind: 'record', attempt: second };
      const next: EventDraft[] = [{ type: 'order.routing', data: { try: 2 } }, BUILDING, submitted(second)];
      const back = transition(claim, next, { attempt: change });
      expect(await store.transition(back)).toEqual({ outcome: 'stale' });
      expect(await store.attempts(claim.order.request.orderId)).toHaveLength(1);
      expect(await store.get(claim.order.request.orderId)).toEqual(claim.order);
    });

    test('settles without a fence, finalizes, and reopens after a fork', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const { orderId } = claim.order.request;
      const land = (from: Claim) =>
        transition(from, [{ type: 'order.confirmed', data: fill(attempt.signature) }], {
          fence: null,
          attempt: set('open', 'landed', 101n, false),
          lease: RELEASED,
        });
      const landing = land(claim);
      expect(await store.transition(landing)).toMatchObject({ outcome: 'committed' });
      expect(await store.transition(landing)).toEqual({ outcome: 'stale' });
      expect((await store.unfinalizedAttempts(1_000)).map(({ signature }) => signature)).toContain(
        attempt.signature,
      );
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });

      const reopened = await advance(
        { ...claim, order: landing.order },
        [{ type: 'order.reorged', data: { signature: attempt.signature, slot: '101' } }],
        { fence: null, attempt: set('landed', 'open', null, false) },
      );
      expect((await store.attempts(orderId))[0]).toEqual(attempt);
      const again = land(reopened);
      expect(await store.transition(again)).toMatchObject({ outcome: 'committed' });
      const ids = async () => (await store.newestFinalized(1_000)).map((order) => order.orderId);
      expect(await ids()).not.toContain(orderId);
      const { order } = await advance(
        { ...claim, order: again.order },
        [{ type: 'order.finalized', data: fill(attempt.signature) }],
        { fence: null, attempt: set('landed', 'landed', 101n, true) },
      );
      const { signature, slot } = order;
      expect(await store.newestFinalized(1)).toEqual([{ orderId, signature, slot }]);
      expect(await ids()).toEqual([...(await ids())].sort().reverse());
      const listed = [attempt.signature, toSignature('another')].flatMap((signature) => [
        { orderId, signature },
        { orderId: toOrderId('an order that is not here'), signature },
      ]);
      expect(await store.missingAttempts(listed)).toEqual(['another']);
      expect((await store.unfinalizedAttempts(1_000)).map(({ signature }) => signature)).not.toContain(
        attempt.signature,
      );
      await expectFolded(claim.order);
    });

    test('allows another attempt after the first has expired', async () => {
      const { claim } = await withOpenAttempt();
      const cause = { code: 'attempt_expired', reason: 'r' } as const;
      const routing = await advance(
        claim,
        [{ type: 'order.routing', data: { try: 2, backoffMs: 5, cause } }],
        {
          attempt: set('open', 'expired', null, false),
        },
      );
      const second = attemptOf(claim.order, 2);
      await advance(routing, [BUILDING, submitted(second)], { attempt: { kind: 'record', attempt: second } });
      expect((await store.attempts(claim.order.request.orderId)).map(({ state }) => state)).toEqual([
        'expired',
        'open',
      ]);
      await expectFolded(claim.order);
    });

    test('commits five hundred orders step by step at once', async () => {
      const orders = await Promise.all(Array.from({ length: 500 }, () => submitNew()));
      await Promise.all(
        orders.map(async (order) => advance(await advance(await claimed(order), [ROUTING]), [BUILDING])),
      );
      const rows = await Promise.all(orders.map((order) => store.get(order.request.orderId)));
      expect(rows.every((row) => row?.status === 'building' && row.sequence === 3)).toBe(true);
    });

    test('prolongs the leases of the given fences only', async () => {
      const [held, lost] = [await submitNew(), await submitNew()];
      await Promise.all([held, lost].map((order) => store.claim(order.request.orderId, 150)));
      await store.renewLeases(
        [
          { orderId: held.request.orderId, fence: 1 },
          { orderId: lost.request.orderId, fence: 0 },
        ],
        LEASE_MS,
      );
      await under.wait(250);
      expect((await store.claim(held.request.orderId, LEASE_MS)).outcome).toBe('notAvailable');
      expect((await store.claim(lost.request.orderId, LEASE_MS)).outcome).toBe('claimed');
    });

    test('voids all leases for the only process', async () => {
      const order = await submitNew();
      await claimed(order);
      await store.voidLeases();
      expect((await claimed(order)).fence).toBe(2);
    });

    test('lists newest first, by filter and page', async () => {
      const accountId = toAccountId(random.uuid());
      const orders: Order[] = [];
      for (let index = 0; index < 5; index += 1) orders.push(await submitNew({ accountId }));
      await advance(await claimed(orders[1]!), [ROUTING]);
      const ids = orders.map(({ request }) => request.orderId).reverse();
      const list = async (filter: object) =>
        (await store.list({ accountId, limit: 10, ...filter })).map(({ request }) => request.orderId);
      expect(await list({})).toEqual(ids);
      expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await list({ limit: 2, offset: 1 })).toEqual(ids.slice(1, 3));
      expect(await list({ offset: 99 })).toEqual([]);
      expect(await list({ before: ids[1] })).toEqual(ids.slice(2));
      expect(await list({ statuses: ['routing'] })).toEqual([ids[3]]);
      expect(await list({ mintIn: 'So1', mintOut: 'Usdc' })).toEqual(ids);
      expect(await list({ mintIn: 'Usdc' })).toEqual([]);
      expect(await list({ clientOrderId: 'nobody' })).toEqual([]);
    });

    test('lists orders that are over among orders under way, by every filter and page', async () => {
      const accountId = toAccountId(random.uuid());
      const tokens = ['one', 'two'].map((mint) => ({ ...SOL, mint: toMint(mint) }));
      const canceled: EventDraft = { type: 'order.canceled', data: { reason: 'r' } };
      const failed: EventDraft = { type: 'order.failed', data: { code: 'price_moved', reason: 'r' } };
      const orders: Order[] = [];
      for (const tokenIn of tokens)
        for (const tokenOut of tokens) {
          const request = { accountId, tokenIn, tokenOut };
          const start = async (drafts: readonly EventDraft[]) =>
            (await advance(await claimed(await submitNew(request)), drafts)).order;
          orders.push(await start([canceled]), await submitNew(request), await start([ROUTING, failed]));
          for (const isFinal of [true, false]) {
            const { claim, attempt } = await withOpenAttempt(request);
            const confirmed: EventDraft = { type: 'order.confirmed', data: fill(attempt.signature) };
            const landed = await advance(claim, [confirmed], { attempt: set('open', 'landed', 101n, false) });
            const finalized: EventDraft = { type: 'order.finalized', data: fill(attempt.signature) };
            const attemptChange = { attempt: set('landed', 'landed', 101n, true) };
            orders.push(
              isFinal
                ? (await advance(landed, [finalized], { fence: null, ...attemptChange })).order
                : landed.order,
            );
          }
          await submitNew({ ...request, accountId: toAccountId(`other ${accountId}`) });
        }
      orders.sort((one, other) => (one.request.orderId < other.request.orderId ? 1 : -1));

      const mints = [undefined, ...tokens.map(({ mint }) => mint), toMint('none')];
      const groups = [undefined, ['confirmed'], ['canceled', 'pending'], ['routing']] as const;
      for (const statuses of groups)
        for (const mintIn of mints)
          for (const mintOut of mints)
            for (const before of [undefined, orders[7]!.request.orderId]) {
              const fitting = orders.filter(
                ({ status, request }) =>
                  (!statuses || statuses.some((one) => one === status)) &&
                  (!mintIn || request.tokenIn.mint === mintIn) &&
                  (!mintOut || request.tokenOut.mint === mintOut) &&
                  (!before || request.orderId < before),
              );
              const filter = {
                ...{ accountId, ...(statuses && { statuses }), ...(before && { before }) },
                ...{ ...(mintIn && { mintIn }), ...(mintOut && { mintOut }) },
              };
              for (const { limit, offset } of [
                { limit: 100, offset: 0 },
                { limit: 3, offset: 2 },
              ])
                expect(await store.list({ ...filter, limit, offset })).toEqual(
                  fitting.slice(offset, offset + limit),
                );
            }
    });

    test("keeps an order's choice to leave its tolerance to the engine", async () => {
      const order = await submitNew({ slippageBps: 'auto' });
      expect((await store.get(order.request.orderId))?.request.slippageBps).toBe('auto');
    });

    test('keeps every field of an order, at the limits of its numbers', async () => {
      const most = 2n ** 64n - 1n;
      const request = {
        clientOrderId: `quote " back \\ slash, { brace } – ${random.uuid()}`,
        swapMode: 'exactOut' as const,
        amount: most,
        maxAmountIn: most,
        slippageBps: 10_000,
        maxPriceImpactBps: 10_000,
        dialect: 'fromToken',
        heldUntilMs: toEpochMs(1_750_000_300_123),
        expiresAtMs: toEpochMs(253_402_300_799_999),
        seenAmount: 10n ** 45n,
      };
      const order = await submitNew(request);
      expect(await store.get(order.request.orderId)).toEqual(order);
      const reason = 'a "reason"\nof two lines, with \\ and ünïcode ✓';
      const failed = await advance(await claimed(order), [
        { type: 'order.failed', data: { code: 'price_moved', reason } },
      ]);
      expect((await store.get(order.request.orderId))?.failure).toEqual({ code: 'price_moved', reason });
      expect(await store.get(order.request.orderId)).toEqual(failed.order);
      await expectFolded(order);
    });

    test('keeps what an order waits for, which venues it leaves out, and its limit without them', async () => {
      const claim = await claimed(await submitNew());
      const waiting = await advance(claim, [ROUTING, WAITING]);
      const { orderId } = claim.order.request;
      expect(await store.get(orderId)).toMatchObject({
        ...{
          status: 'routing',
          waitingFor: 'chain_unavailable',
          waitSinceMs: 1_750_000_000_500,
          leftOut: [],
        },
      });
      const leftOut = ['jupiter', 'router'];
      const limit = { minAmountOut: '148.5' };
      await advance(waiting, [{ type: 'order.routing', data: { try: 2, leftOut, limit } }]);
      expect(await store.get(orderId)).toMatchObject({
        ...{ waitingFor: null, waitSinceMs: 1_750_000_000_500, leftOut, limitAmount: 148_500_000n },
      });
      await expectFolded(claim.order);
    });

    test('names a waiting order as due only after it had no worker for the waiting rest', async () => {
      const order = await submitNew();
      const { orderId } = order.request;
      await advance(await claimed(order), [ROUTING, WAITING], { lease: { kind: 'release', wakeAfterMs: 0 } });
      expect(await store.dueOrders(10_000)).not.toContain(orderId);
      const { fence } = await claimed(order); // A worker that was woken for it may have it.
      await store.release(orderId, fence, -WAITING_REST_MS);
      expect(await store.dueOrders(10_000)).toContain(orderId);
    });

    test('finds an earlier submission by either of its keys, and stores no order', async () => {
      const clientOrderId = random.uuid();
      const { order, events } = newTestOrder({ clientOrderId });
      const keys = { idempotencyKey: random.uuid(), fingerprint: 'one' };
      expect(await store.known(order, keys)).toBeNull();
      await store.submit(order, events, keys);
      const again = newTestOrder({ clientOrderId }).order;
      const byKey = newTestOrder().order;
      for (const repeated of [again, byKey])
        expect(await store.known(repeated, keys)).toMatchObject({ outcome: 'existing', order });
      const other = { ...keys, fingerprint: 'another' };
      expect(await store.known(byKey, other)).toMatchObject({ outcome: 'conflict', key: 'idempotencyKey' });
      expect(await store.get(again.request.orderId)).toBeUndefined();
    });

    test('finds a submission that is still being stored', async () => {
      const { order, events } = newTestOrder();
      const keys = { idempotencyKey: random.uuid(), fingerprint: 'one' };
      const storing = store.submit(order, events, keys);
      expect(await store.known(newTestOrder().order, keys)).toMatchObject({ outcome: 'existing', order });
      expect(await storing).toMatchObject({ outcome: 'created' });
    });

    test('keeps a partial fill, and a price that asks more of the whole than one account can hold', async () => {
      const most = 2n ** 64n - 1n;
      const order = await submitNew({ swapMode: 'partialFill', amount: most, minAmountOut: most });
      expect(await store.get(order.request.orderId)).toEqual(order);
      const whole = `${most * 10n ** 12n}.123456`;
      const data = { ...BUILDING.data, maxAmountIn: '0.000000001', wholeMinAmountOut: whole };
      const built = await advance(await claimed(order), [ROUTING, { type: 'order.building', data }]);
      expect(built.order.limitAmount).toBe(most * 10n ** 18n + 123_456n);
      expect(await store.get(order.request.orderId)).toEqual(built.order);
      await expectFolded(order);
    });

    test('names the key that conflicts, the idempotency key first', async () => {
      const [idempotencyKey, clientOrderId] = [random.uuid(), random.uuid()];
      const first = await submitNew({}, { idempotencyKey, fingerprint: 'a' });
      const second = await submitNew({ clientOrderId }, { idempotencyKey: null, fingerprint: 'b' });
      const { order, events } = newTestOrder({ clientOrderId });
      expect(await store.submit(order, events, { idempotencyKey, fingerprint: 'c' })).toEqual({
        outcome: 'conflict',
        key: 'idempotencyKey',
        orderId: first.request.orderId,
      });
      expect(await store.submit(order, events, { idempotencyKey: null, fingerprint: 'c' })).toEqual({
        outcome: 'conflict',
        key: 'clientOrderId',
        orderId: second.request.orderId,
      });
    });

    test('binds an idempotency key to the order that a client order id found', async () => {
      const [clientOrderId, key, other] = [random.uuid(), random.uuid(), random.uuid()];
      const submit = (request: object, idempotencyKey: string | null, fingerprint: string) => {
        const again = newTestOrder(request);
        return store.submit(again.order, again.events, { idempotencyKey, fingerprint });
      };
      const first = await submitNew({ clientOrderId }, { idempotencyKey: null, fingerprint: 'a' });
      const existing = { outcome: 'existing', order: first };
      const conflict = { outcome: 'conflict', key: 'idempotencyKey', orderId: first.request.orderId };
      for (const one of [key, other, key])
        expect(await submit({ clientOrderId }, one, 'a')).toEqual(existing);
      for (const one of [key, other]) {
        expect(await submit({}, one, 'b')).toEqual(conflict);
        expect(await submit({ clientOrderId: random.uuid() }, one, 'c')).toEqual(conflict);
      }
    });

    test('binds no key of a submission that is refused', async () => {
      const [clientOrderId, idempotencyKey] = [random.uuid(), random.uuid()];
      await submitNew({ clientOrderId }, { idempotencyKey: null, fingerprint: 'a' });
      const refused = newTestOrder({ clientOrderId });
      const keys = { idempotencyKey, fingerprint: 'b' };
      expect((await store.submit(refused.order, refused.events, keys)).outcome).toBe('conflict');
      await submitNew({}, keys);
    });

    test('gives a key to one of a repeat and a new body at once', async () => {
      const rounds = Array.from({ length: 20 }, async () => {
        const [clientOrderId, idempotencyKey] = [random.uuid(), random.uuid()];
        const first = await submitNew({ clientOrderId }, { idempotencyKey: null, fingerprint: 'a' });
        const repeat = newTestOrder({ clientOrderId });
        const fresh = newTestOrder();
        const [known, made] = await Promise.all([
          store.submit(repeat.order, repeat.events, { idempotencyKey, fingerprint: 'a' }),
          store.submit(fresh.order, fresh.events, { idempotencyKey, fingerprint: 'b' }),
        ]);
        expect([known.outcome, made.outcome].sort()).toEqual(
          known.outcome === 'existing' ? ['conflict', 'existing'] : ['conflict', 'created'],
        );
        const owner = known.outcome === 'existing' ? first : fresh.order;
        const late = newTestOrder();
        const keys = { idempotencyKey, fingerprint: 'c' };
        expect(await store.submit(late.order, late.events, keys)).toMatchObject({
          outcome: 'conflict',
          orderId: owner.request.orderId,
        });
      });
      await Promise.all(rounds);
    });

    test('keeps the keys of accounts apart', async () => {
      const clientOrderId = random.uuid();
      const keys = { idempotencyKey: random.uuid(), fingerprint: 'a' };
      await submitNew({ accountId: toAccountId('one'), clientOrderId }, keys);
      await submitNew({ accountId: toAccountId('other'), clientOrderId }, keys);
    });

    test('takes one of fifty different bodies with one client order id at once', async () => {
      const clientOrderId = random.uuid();
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => {
          const { order, events } = newTestOrder({ clientOrderId });
          return store.submit(order, events, { idempotencyKey: null, fingerprint: `body ${index}` });
        }),
      );
      const outcomes = results.map(({ outcome }) => outcome).sort();
      expect(outcomes).toEqual([...Array.from({ length: 49 }, () => 'conflict'), 'created']);
    });

    test('refuses an order id that another order has', async () => {
      const order = await submitNew();
      const other = newTestOrder({ orderId: order.request.orderId, amount: 5n });
      await expect(
        store.submit(other.order, other.events, { idempotencyKey: null, fingerprint: 'other' }),
      ).rejects.toThrow('taken by another order');
      expect(await store.get(order.request.orderId)).toEqual(order);
    });

    test('gives the order to one of fifty claims', async () => {
      const { orderId } = (await submitNew()).request;
      const results = await Promise.all(Array.from({ length: 50 }, () => store.claim(orderId, LEASE_MS)));
      expect(results.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    });

    test('accepts one of a cancel and a recorded attempt, and the cancel leaves no attempt', async () => {
      const claim = await advance(await claimed(await submitNew()), [ROUTING, BUILDING]);
      const { orderId } = claim.order.request;
      const attempt = attemptOf(claim.order, 1);
      const cancel = transition(claim, [{ type: 'order.canceled', data: { reason: 'r' } }], { fence: null });
      const record = transition(claim, [submitted(attempt)], { attempt: { kind: 'record', attempt } });
      const results = await Promise.all([store.transition(cancel), store.transition(record)]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'stale']);
      const isCanceled = (await store.get(orderId))?.status === 'canceled';
      expect(await store.attempts(orderId)).toHaveLength(isCanceled ? 0 : 1);
      await expectFolded(claim.order);
    });

    test('writes both a cancel request and a settlement, one after the other', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const { orderId } = claim.order.request;
      const request = transition(claim, [{ type: 'order.cancel_requested', data: {} }], { fence: null });
      const land = (from: Claim) =>
        transition(from, [{ type: 'order.confirmed', data: fill(attempt.signature) }], {
          fence: null,
          attempt: set('open', 'landed', 101n, false),
        });
      const results = await Promise.all([store.transition(request), store.transition(land(claim))]);
      expect(results.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'stale']);
      const order = (await store.get(orderId))!;
      if (order.status === 'submitted')
        expect(await store.transition(land({ ...claim, order }))).toMatchObject({ outcome: 'committed' });
      expect((await store.get(orderId))?.status).toBe('confirmed');
      await expectFolded(claim.order);
    });

    test('records no attempt once a cancel was requested', async () => {
      const { claim } = await withOpenAttempt();
      const requested = await advance(claim, [{ type: 'order.cancel_requested', data: {} }], { fence: null });
      expect((await store.get(claim.order.request.orderId))?.cancelRequested).toBe(true);
      const routing = await advance(requested, [{ type: 'order.routing', data: { try: 2 } }], {
        attempt: set('open', 'expired', null, false),
      });
      const second = attemptOf(claim.order, 2);
      const change = transition(routing, [BUILDING, submitted(second)], {
        attempt: { kind: 'record', attempt: second },
      });
      expect(await store.transition(change)).toEqual({ outcome: 'stale' });
      expect(await store.attempts(claim.order.request.orderId)).toHaveLength(1);
      await expectFolded(claim.order);
    });

    test('records no attempt while the order needs review, and lists exactly such orders', async () => {
      const claim = await advance(await claimed(await submitNew({ accountId: toAccountId('review') })), [
        ROUTING,
        BUILDING,
      ]);
      await submitNew({ accountId: toAccountId('review') });
      const asked = await advance(claim, [{ type: 'order.review_needed', data: { reason: 'r' } }], {
        fence: null,
      });
      const attempt = attemptOf(claim.order, 1);
      const change = transition(asked, [submitted(attempt)], { attempt: { kind: 'record', attempt } });
      expect(await store.transition(change)).toEqual({ outcome: 'stale' });
      const inReview = () => store.list({ accountId: toAccountId('review'), needsReview: true, limit: 10 });
      expect(await inReview()).toEqual([(await store.get(claim.order.request.orderId))!]);

      const data = { decision: 'notLanded', operator: 'o', evidence: 'e' } as const;
      await advance(asked, [
        { type: 'order.reviewed', data },
        { type: 'order.failed', data: { code: 'not_landed', reason: 'e' } },
      ]);
      expect(await inReview()).toEqual([]);
      await expectFolded(claim.order);
    });

    test('confirms an order under review without an attempt, and never looks for the signature that an operator named', async () => {
      const claim = await advance(await claimed(await submitNew()), [ROUTING]);
      const asked = await advance(claim, [{ type: 'order.review_needed', data: { reason: 'r' } }], {
        fence: null,
      });
      const { orderId } = claim.order.request;
      const data = { decision: 'landed', operator: 'o', evidence: 'e' } as const;
      const { order } = await advance(
        asked,
        [
          { type: 'order.reviewed', data },
          { type: 'order.confirmed', data: fill('named') },
          { type: 'order.finalized', data: fill('named') },
        ],
        { fence: null },
      );
      expect(order).toMatchObject({ status: 'confirmed', finalized: true, signature: 'named' });
      await expectFolded(order);
      expect((await store.newestFinalized(1_000)).map((one) => one.orderId)).not.toContain(orderId);
      expect(await store.missingAttempts([{ orderId, signature: toSignature('named') }])).toEqual([]);
      expect(await store.attempts(orderId)).toEqual([]);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
    });

    test('keeps the lease of an order whose cancel is requested, and ends that of a canceled one', async () => {
      const { claim } = await withOpenAttempt();
      const { orderId } = claim.order.request;
      await advance(claim, [{ type: 'order.cancel_requested', data: {} }], { fence: null });
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      await store.release(orderId, claim.fence, 0);
      const next = await claimed(claim.order);
      expect(next).toMatchObject({ order: { cancelRequested: true }, openAttempt: { attemptNumber: 1 } });
      await advance(next, [{ type: 'order.canceled', data: { reason: 'r' } }], {
        fence: null,
        attempt: set('open', 'expired', null, false),
      });
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      await expectFolded(claim.order);
    });

    test('gives a terminal order to no claim, whatever its lease was', async () => {
      const order = await submitNew();
      const { orderId } = order.request;
      const claim = await claimed(order);
      await advance(claim, [{ type: 'order.canceled', data: { reason: 'r' } }]);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      await store.release(orderId, claim.fence, 0);
      await store.renewLeases([{ orderId, fence: claim.fence }], 1);
      await store.voidLeases();
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      expect(await store.dueOrders(10_000)).not.toContain(orderId);
    });

    test('keeps the lease after a change that keeps it', async () => {
      const claim = await claimed(await submitNew());
      const { orderId } = claim.order.request;
      await advance(claim, [ROUTING]);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      expect(await store.dueOrders(10_000)).not.toContain(orderId);
    });

    test('gives a reopened order to the next claim at once', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const landed = await advance(claim, [{ type: 'order.confirmed', data: fill(attempt.signature) }], {
        fence: null,
        attempt: set('open', 'landed', 101n, false),
      });
      await advance(
        landed,
        [{ type: 'order.reorged', data: { signature: attempt.signature, slot: '101' } }],
        {
          fence: null,
          attempt: set('landed', 'open', null, false),
        },
      );
      const { orderId } = claim.order.request;
      expect(await store.dueOrders(10_000)).toContain(orderId);
      const next = await claimed(claim.order);
      expect(next).toMatchObject({
        fence: 2,
        openAttempt: attempt,
        order: { status: 'submitted', reorged: true },
      });
    });

    test('ignores a release with an old fence or after the lease has ended', async () => {
      const order = await submitNew();
      const { orderId } = order.request;
      const first = await claimed(order);
      await store.release(orderId, first.fence, 0);
      const second = await claimed(order);
      await store.release(orderId, first.fence, 0);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
      await store.release(orderId, second.fence, LEASE_MS);
      await store.release(orderId, second.fence, 0);
      expect(await store.claim(orderId, LEASE_MS)).toEqual({ outcome: 'notAvailable' });
    });

    test('does not revive a released lease', async () => {
      const order = await submitNew();
      const { orderId } = order.request;
      const { fence } = await claimed(order);
      await store.release(orderId, fence, 0);
      await store.renewLeases([{ orderId, fence }], LEASE_MS);
      expect((await claimed(order)).fence).toBe(2);
    });

    test('writes nothing when the state of an attempt is not the expected one', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const wrong = transition(claim, [{ type: 'order.routing', data: { try: 2 } }], {
        attempt: set('landed', 'expired', null, false),
      });
      expect(await store.transition(wrong)).toEqual({ outcome: 'stale' });
      expect(await store.attempts(claim.order.request.orderId)).toEqual([attempt]);
      expect(await store.get(claim.order.request.orderId)).toEqual(claim.order);
      await expectFolded(claim.order);
    });

    test('keeps an attempt number for one attempt', async () => {
      const { claim } = await withOpenAttempt();
      const routing = await advance(claim, [{ type: 'order.routing', data: { try: 2 } }], {
        attempt: set('open', 'expired', null, false),
      });
      const again = {
        ...attemptOf(claim.order, 1),
        signature: toSignature(`${claim.order.request.orderId}-again`),
      };
      const change = transition(routing, [BUILDING, submitted(again)], {
        attempt: { kind: 'record', attempt: again },
      });
      expect(await store.transition(change)).toEqual({ outcome: 'stale' });
      await expectFolded(claim.order);
    });

    test('refuses a signature that another order has, and only that change', async () => {
      const { attempt } = await withOpenAttempt();
      const orders = await Promise.all(Array.from({ length: 5 }, () => submitNew()));
      const claims = await Promise.all(
        orders.map(async (order) => advance(await claimed(order), [ROUTING, BUILDING])),
      );
      const results = await Promise.allSettled(
        claims.map((claim, index) => {
          const own = attemptOf(claim.order, 1);
          const recorded = index === 2 ? { ...own, signature: attempt.signature } : own;
          return store.transition(
            transition(claim, [submitted(recorded)], { attempt: { kind: 'record', attempt: recorded } }),
          );
        }),
      );
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect(await store.get(claims[2]!.order.request.orderId)).toEqual(claims[2]!.order);
      expect(await store.attempts(claims[2]!.order.request.orderId)).toEqual([]);
      expect((await store.get(claims[3]!.order.request.orderId))?.status).toBe('submitted');
    });

    test('refuses events that leave a gap', async () => {
      const claim = await claimed(await submitNew());
      const whole = transition(claim, [ROUTING, BUILDING]);
      await expect(store.transition({ ...whole, events: whole.events.slice(1) })).rejects.toThrow(
        'do not lead',
      );
      await expect(store.transition({ ...whole, events: [] })).rejects.toThrow('do not lead');
      const untrue = whole.events.map((event, index) =>
        index === 0 ? { ...event, status: 'failed' as const } : event,
      );
      await expect(store.transition({ ...whole, events: untrue })).rejects.toThrow('do not lead');
      expect(await store.get(claim.order.request.orderId)).toEqual(claim.order);
    });

    test.each([
      ['as it was confirmed', {}],
      ['corrected', { amountOut: '1' }],
    ])('has the final fill in the log to the byte, %s', async (_, corrected) => {
      const { claim, attempt } = await withOpenAttempt();
      const { orderId, accountId } = claim.order.request;
      const landed = { kind: 'set', attemptNumber: 1, to: 'landed', slot: 101n } as const;
      const confirmed = fill(attempt.signature);
      const final = { ...confirmed, ...corrected };
      const before = await advance(claim, [{ type: 'order.confirmed', data: confirmed }], {
        ...{ fence: null, attempt: { ...landed, from: 'open', finalized: false } },
      });
      await advance(before, [{ type: 'order.finalized', data: final }], {
        ...{ fence: null, attempt: { ...landed, from: 'landed', finalized: true } },
      });
      const logs = [
        await store.events(orderId, 4, 10),
        await store.events(orderId, 5, 10),
        (await store.accountEvents(accountId, (await store.accountPosition(accountId)) - 1, 1)).map(
          ({ event }) => event,
        ),
      ];
      const texts = logs.map((events) => events.map(({ data }) => JSON.stringify(data)));
      expect(texts).toEqual([
        [JSON.stringify(confirmed), JSON.stringify(final)],
        [JSON.stringify(final)],
        [JSON.stringify(final)],
      ]);
    });

    test('commits a chain of changes that arrive one after another', async () => {
      const claim = await claimed(await submitNew());
      const routing = transition(claim, [ROUTING]);
      const building = transition({ ...claim, order: routing.order }, [BUILDING]);
      const results = await Promise.all([store.transition(routing), store.transition(building)]);
      expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'committed']);
      await expectFolded(claim.order);
    });

    test('commits a chain that ends with a recorded attempt, and gives each change its own outcome', async () => {
      const claim = await claimed(await submitNew());
      const attempt = attemptOf(claim.order, 1);
      const chain = chainOf(claim, attempt);
      const results = await Promise.all(chain.map((change) => store.transition(change)));
      expect(results.map(({ outcome }) => outcome)).toEqual(['committed', 'committed', 'committed']);
      expect(await store.attempts(claim.order.request.orderId)).toEqual([attempt]);
      await expectFolded(claim.order);
    });

    test('writes nothing of a chain whose first change was too late', async () => {
      const claim = await claimed(await submitNew());
      const { orderId } = claim.order.request;
      const canceled = await advance(claim, [{ type: 'order.canceled', data: { reason: 'r' } }], {
        fence: null,
      });
      const chain = chainOf(claim, attemptOf(claim.order, 1));
      const results = await Promise.all(chain.map((change) => store.transition(change)));
      expect(results.map(({ outcome }) => outcome)).toEqual(['stale', 'stale', 'stale']);
      expect(await store.attempts(orderId)).toEqual([]);
      expect(await store.get(orderId)).toEqual(canceled.order);
    });

    test('writes nothing of a chain that a cancel interrupts, at any place', async () => {
      for (const before of [0, 1, 2]) {
        const claim = await claimed(await submitNew());
        const { orderId } = claim.order.request;
        const chain = chainOf(claim, attemptOf(claim.order, 1));
        const changes = chain.map((change) => () => store.transition(change));
        const at = before === 0 ? claim.order : chain[before - 1]!.order;
        const cancel = transition(
          { ...claim, order: at },
          [{ type: 'order.canceled', data: { reason: 'r' } }],
          { fence: null },
        );
        changes.splice(before, 0, () => store.transition(cancel));
        await Promise.all(changes.map((change) => change()));
        const order = (await store.get(orderId))!;
        expect(order).toMatchObject({ status: 'canceled', sequence: cancel.order.sequence });
        expect(await store.attempts(orderId)).toEqual([]);
        await expectFolded(claim.order);
      }
    });

    test('writes nothing for the fence of a lease that has ended', async () => {
      const claim = await claimed(await submitNew());
      const routing = await advance(claim, [ROUTING], {
        lease: { kind: 'release', wakeAfterMs: LONGEST_REST_MS },
      });
      expect(await store.transition(transition(routing, [BUILDING]))).toEqual({ outcome: 'stale' });
      await expectFolded(claim.order);
    });

    test('names due orders, the longest due first, and no leased one', async () => {
      await store.voidLeases();
      const orders: Order[] = [];
      for (let index = 0; index < 3; index += 1) {
        orders.push(await submitNew());
        await under.wait(5);
      }
      const [first, second, third] = orders.map(({ request }) => request.orderId) as [
        OrderId,
        OrderId,
        OrderId,
      ];
      const mine = async () =>
        (await store.dueOrders(10_000)).filter((orderId) => [first, second, third].includes(orderId));
      expect(await mine()).toEqual([first, second, third]);
      const claim = await claimed(orders[0]!);
      expect(await mine()).toEqual([second, third]);
      await store.release(first, claim.fence, 0);
      expect(await mine()).toEqual([second, third, first]);
      expect(await store.dueOrders(2)).toHaveLength(2);
    });

    test('gives out values that share no object with its own', async () => {
      const { claim, attempt } = await withOpenAttempt();
      const { orderId } = claim.order.request;
      const [read] = await store.attempts(orderId);
      read!.bytes.fill(7);
      attempt.bytes.fill(9);
      expect((await store.attempts(orderId))[0]?.bytes).toEqual(new Uint8Array([0, 1, 255, 1]));
    });

    test('reads unfinished orders page by page, and only those', async () => {
      const [first, over, second] = [await submitNew(), await submitNew(), await submitNew()];
      await advance(await claimed(over), [{ type: 'order.canceled', data: { reason: 'r' } }]);
      const all: OrderId[] = [];
      for (let after: OrderId | null = null; ; ) {
        const page: readonly Order[] = await store.unfinishedOrders(after, 2);
        all.push(...page.map(({ request }) => request.orderId));
        after = all.at(-1) ?? null;
        if (page.length < 2) break;
      }
      expect(all).toEqual([...all].sort());
      expect(all).toEqual(expect.arrayContaining([first.request.orderId, second.request.orderId]));
      expect(all).not.toContain(over.request.orderId);
    });

    test('finds the newest slot of signing before a given time', async () => {
      const { attempt } = await withOpenAttempt();
      const { recordedAtMs, signingSlot } = attempt;
      expect(await store.newestSigningSlot(timeAfter(recordedAtMs, 1))).toBe(signingSlot);
      expect(await store.newestSigningSlot(recordedAtMs)).toBeNull();
      expect(await store.newestSigningSlot(toEpochMs(Number.POSITIVE_INFINITY))).toBe(signingSlot);
    });

    test('answers a ping', async () => {
      await expect(store.ping()).resolves.toBeUndefined();
    });

    test('reads the log from any sequence', async () => {
      const claim = await claimed(await submitNew());
      await advance(await advance(claim, [ROUTING]), [BUILDING]);
      const { orderId } = claim.order.request;
      const types = async (after: number, limit: number) =>
        (await store.events(orderId, after, limit)).map(({ type }) => type);
      expect(await types(0, 10)).toEqual(['order.pending', 'order.routing', 'order.building']);
      expect(await types(1, 1)).toEqual(['order.routing']);
      expect(await types(3, 10)).toEqual([]);
      const [one, other] = await Promise.all([types(0, 10), types(0, 10)]);
      expect(one).toEqual(other);
    });
  });
}

/** A market order with its first event, not stored. */
export function newTestOrder(
  request: Partial<Order['request']> = {},
  simulate?: Parameters<typeof newOrder>[1],
): { order: Order; events: OrderEvent[] } {
  const whole: Order['request'] = {
    orderId: toOrderId(random.uuid()),
    accountId: toAccountId('suite'),
    clientOrderId: null,
    type: 'market',
    tokenIn: SOL,
    tokenOut: USDC,
    swapMode: 'exactIn',
    amount: 1_000_000_000n,
    slippageBps: 100,
    maxPriceImpactBps: null,
    minAmountOut: null,
    maxAmountIn: null,
    executionGuard: 'protocol',
    dialect: null,
    heldUntilMs: null,
    expiresAtMs: null,
    seenAmount: null,
    createdAtMs: toEpochMs(1_750_000_000_123),
    ...request,
  };
  return newOrder(whole, simulate);
}

/** Routing, building and the recorded attempt, each built on the one before. */
function chainOf(claim: Claim, attempt: Attempt): Transition[] {
  const routing = transition(claim, [ROUTING]);
  const building = transition({ ...claim, order: routing.order }, [BUILDING]);
  const record = transition({ ...claim, order: building.order }, [submitted(attempt)], {
    attempt: { kind: 'record', attempt },
  });
  return [routing, building, record];
}

export function transition(
  claim: Claim,
  drafts: readonly EventDraft[],
  rest: Partial<Transition> = {},
): Transition {
  const next = appendEvents(claim.order, drafts, toEpochMs(1_750_000_001_000));
  return {
    expectedSequence: claim.order.sequence,
    fence: claim.fence,
    lease: { kind: 'keep' },
    ...next,
    ...rest,
  };
}

export const attemptOf = (order: Order, attemptNumber: number): Attempt => ({
  orderId: order.request.orderId,
  attemptNumber,
  signature: toSignature(`${order.request.orderId}-${attemptNumber}`),
  bytes: new Uint8Array([0, 1, 255, attemptNumber]),
  lastValidBlockHeight: toBlockHeight(250n),
  signingSlot: 90n,
  fillAccounts: { payer: 'w', vaultsIn: ['a'], vaultsOut: ['b'], solIn: true, solOut: false },
  state: 'open',
  slot: null,
  finalized: false,
  recordedAtMs: toEpochMs(1_750_000_000_500),
});

const set = (
  from: 'open' | 'landed',
  to: 'open' | 'landed' | 'expired',
  slot: bigint | null,
  finalized: boolean,
): AttemptChange => ({ kind: 'set', attemptNumber: 1, from, to, slot, finalized });
