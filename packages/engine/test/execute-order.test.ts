import { describe, expect, test } from 'vitest';
import { accountOf, type MemoryChain } from '../src/adapters/memory/chain.ts';
import { formatAmount } from '../src/domain/amount.ts';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import type { Leg } from '../src/domain/quote.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { denyingNode, lyingNode } from './support/lying-node.ts';
import { misquoting, oddVenue } from './support/odd-venue.ts';
import { recordingLog } from './support/recording-log.ts';
import {
  createWorld,
  METEORA_POOL,
  RAYDIUM_POOL,
  SOL,
  type TestWorld,
  USDC,
  units,
  WALLET,
} from './support/world.ts';

const HAPPY = ['pending', 'routing', 'building', 'submitted', 'confirmed'];

async function started(options?: Parameters<typeof createWorld>[0]): Promise<TestWorld> {
  const world = await createWorld(options);
  await world.start();
  return world;
}

const dataOf = <T extends keyof OrderEventData>(log: readonly { type: string; data: unknown }[], type: T) =>
  log.filter((event) => event.type === type).map((event) => event.data as OrderEventData[T]);

describe('a market order', () => {
  test('goes through every status in order and reports the amounts that moved', async () => {
    const world = await started();
    const before = world.chain.balanceOf(accountOf(WALLET, USDC));
    const order = await world.submit();
    await world.settle([order]);

    expect(await world.statuses(order)).toEqual(HAPPY);
    const now = await world.order(order);
    expect(now.fill?.amountIn).toBe(units('1', SOL));
    expect(world.chain.balanceOf(accountOf(WALLET, USDC)) - before).toBe(now.fill?.amountOut);
    expect(now.fill?.fees).toEqual({ networkLamports: 5_000n, rentLamports: 0n, rentRefundedLamports: 0n });
    expect(foldOrder(order.request, await world.log(order))).toEqual(now);
  });

  test('reports the amounts that moved when its venue names no vaults', async () => {
    const hidden = (leg: Leg): Leg => ({ ...leg, vaultIn: null, vaultOut: null });
    const world = await started({
      venues: (venues) =>
        venues.map((venue) =>
          misquoting(venue, (quote) => ({
            ...quote,
            route: { ...quote.route, legs: quote.route.legs.map(hidden) },
          })),
        ),
    });
    const before = world.chain.balanceOf(accountOf(WALLET, USDC));
    const order = await world.submit();
    await world.settle([order]);
    const { fill } = await world.order(order);
    expect(fill?.amountIn).toBe(units('1', SOL));
    expect(world.chain.balanceOf(accountOf(WALLET, USDC)) - before).toBe(fill?.amountOut);
    expect(fill?.fees).toEqual({ networkLamports: 5_000n, rentLamports: 0n, rentRefundedLamports: 0n });
  });

  test('is finalized in its log after it was confirmed', async () => {
    const world = await started();
    const order = await world.submit();
    await world.settle([order]);
    await world.slots(40);
    expect(await world.statuses(order)).toEqual([...HAPPY, 'finalized']);
  });

  test('takes the venue with the better net price and keeps the loser with its distance', async () => {
    const world = await started();
    const order = await world.submit();
    await world.settle([order]);
    const [building] = dataOf(await world.log(order), 'order.building');
    expect(building?.quotes.map(({ venue, outcome }) => [venue, outcome])).toEqual([
      ['raydium', 'lost'],
      ['meteora', 'chosen'],
    ]);
    const [lost] = building!.quotes;
    expect(lost).toMatchObject({ behindBestBps: expect.stringMatching(/^[1-9]\d*(\.\d+)?$/) });
  });

  test('chooses the other venue when its output is higher by one base unit', async () => {
    const world = await started();
    for (const pool of [RAYDIUM_POOL, METEORA_POOL]) world.poolHolds(pool, SOL, units('50000', SOL));
    world.poolHolds(RAYDIUM_POOL, USDC, units('7503800', USDC));
    world.poolHolds(METEORA_POOL, USDC, units('7500000', USDC));
    const order = await world.submit();
    await world.settle([order]);
    expect((await world.order(order)).venue).toBe('raydium');
  });

  test('buys an exact output for at most its limit', async () => {
    const world = await started();
    const order = await world.submit({ swapMode: 'exactOut', amount: '150' });
    await world.settle([order]);
    const now = await world.order(order);
    expect(now.fill?.amountOut).toBe(units('150', USDC));
    expect(now.fill!.amountIn).toBeLessThanOrEqual(now.limitAmount!);
  });

  test('fills as much of a partial fill as the pool allows, and reports the rest', async () => {
    const world = await started({ limits: { maxLegs: 1 } });
    const order = await world.submit({ swapMode: 'partialFill', amount: '200' });
    await world.settle([order]);
    const { fill, limitAmount, request } = await world.order(order);
    expect(fill!.amountIn).toBeLessThan(request.amount);
    expect(fill!.amountOut * request.amount).toBeGreaterThanOrEqual(limitAmount! * fill!.amountIn);
    const events = await world.engine.orders.events(request.orderId, 0, 100);
    const confirmed = events.find(({ type }) => type === 'order.confirmed')?.data;
    const unfilled = formatAmount(request.amount - fill!.amountIn, SOL.decimals);
    expect(confirmed).toMatchObject({ unfilledAmountIn: unfilled });
  });

  test('fills a partial fill wholly where a route over several pools brings more', async () => {
    const world = await started();
    const order = await world.submit({ swapMode: 'partialFill', amount: '200' });
    await world.settle([order]);
    const { fill, venue, request } = await world.order(order);
    expect(venue).toContain('+');
    expect(fill?.amountIn).toBe(request.amount);
  });

  test("fills no part of a partial fill by an offer below the order's floor, however large", async () => {
    const world = await started({ limits: { maxLegs: 1 } });
    // Twice as deep at half the price: it would bring more for a larger part.
    world.poolHolds(RAYDIUM_POOL, SOL, units('200000', SOL));
    world.poolHolds(RAYDIUM_POOL, USDC, units('15000000', USDC));
    const order = await world.submit({ swapMode: 'partialFill', amount: '1000', minAmountOut: '140000' });
    await world.settle([order]);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', venue: 'meteora' });
    const events = await world.engine.orders.events(order.request.orderId, 0, 100);
    const building = events.find(({ type }) => type === 'order.building')?.data;
    expect(building).toMatchObject({
      quotes: [{ venue: 'raydium', code: 'below_floor' }, { outcome: 'chosen' }],
    });
  });

  test('gives two equal orders two transactions', async () => {
    const world = await started();
    const orders = await Promise.all([world.submit(), world.submit()]);
    await world.settle(orders);
    const [one, other] = await Promise.all(orders.map((order) => world.order(order)));
    expect(one?.signature).not.toBe(other?.signature);
    expect(world.chain.landed()).toHaveLength(2);
  });

  test('confirms within two slots of its submission', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    expect(await world.statuses(order)).toEqual(HAPPY.slice(0, 4));
    await world.slots(2);
    expect((await world.order(order)).status).toBe('confirmed');
  });
});

describe('tries', () => {
  test('quotes again after a backoff and fails only after the last try, with its reason', async () => {
    const world = await started();
    const order = await world.submit({ minAmountOut: '1000' });
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(['pending', 'routing', 'routing', 'routing', 'failed']);
    const log = await world.log(order);
    expect(dataOf(log, 'order.routing').map((data) => data.try)).toEqual([1, 2, 3]);
    const [, second, third] = dataOf(log, 'order.routing');
    expect(second?.backoffMs).toBeGreaterThanOrEqual(800);
    expect(second?.backoffMs).toBeLessThanOrEqual(1_200);
    expect(third?.backoffMs).toBeGreaterThanOrEqual(1_600);
    expect((await world.order(order)).failure).toMatchObject({ code: 'min_amount_out_not_met' });
    expect(world.chain.landed()).toHaveLength(0);
  });

  test('never goes below the minimum that its first quote fixed', async () => {
    const world = await started({ limits: { backoffMs: [1_000] } });
    const order = await world.submit({ slippageBps: 10 });
    await world.clock.advance(0);
    // While the transaction is in flight: it reverts, and later quotes are below the limit.
    world.priceFalls('1 %');
    await world.settle([order]);
    const now = await world.order(order);
    expect(now.failure?.code).toBe('price_moved');
    const [failed] = dataOf(await world.log(order), 'order.failed');
    expect(failed?.priceMove).toEqual({ movedBps: expect.any(Number), allowedBps: 10 });
    expect(failed?.priceMove?.movedBps).toBeGreaterThan(95);
    expect(failed?.priceMove?.movedBps).toBeLessThan(105);
    expect(world.swapsOf(order)).toBe(0);
    const limits = dataOf(await world.log(order), 'order.building').map(({ minAmountOut }) => minAmountOut);
    expect(new Set(limits).size).toBe(1);
  });

  test('tries again with a new transaction after a revert, and lands once', async () => {
    const world = await started();
    const order = await world.submit({ slippageBps: 10 });
    await world.clock.advance(0);
    world.priceFalls('1 %', METEORA_POOL);
    await world.slots(2);
    world.priceRecovers();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([
      ...HAPPY.slice(0, 4),
      'routing',
      'building',
      'submitted',
      'confirmed',
    ]);
    const [, second] = dataOf(await world.log(order), 'order.routing');
    expect(second?.cause).toMatchObject({ code: 'slippage_exceeded', priceMove: { allowedBps: 10 } });
    expect(world.swapsOf(order)).toBe(1);
  });

  test('ends in failure when an unexpected error ends every try', async () => {
    const world = await started();
    world.hooks.chain.fail('compile', new TypeError('a bug'));
    const order = await world.submit();
    await world.settle([order]);
    expect(await world.order(order)).toMatchObject({ status: 'failed', failure: { code: 'internal_error' } });
    expect(dataOf(await world.log(order), 'order.routing').map(({ try: number }) => number)).toEqual([
      1, 2, 3,
    ]);
  });

  test('fails a wallet without funds with that reason', async () => {
    const world = await started();
    world.walletHolds(SOL, units('0.5', SOL));
    const order = await world.submit();
    await world.settle([order]);
    expect((await world.order(order)).failure?.code).toBe('insufficient_funds');
  });

  test('continues with the other venues when one is late, throws or has no pool', async () => {
    const world = await started({
      limits: { quoteTimeoutMs: 300 },
      venues: ([raydium, meteora]) => [raydium!, oddVenue(raydium!, { name: 'broken' }), meteora!],
    });
    world.hooks.venue('raydium').delay('quote', 60_000);
    world.hooks.venue('broken').fail('quote', new Error('no such host'));
    const order = await world.submit();
    await world.settle([order]);
    const [building] = dataOf(await world.log(order), 'order.building');
    expect(building?.quotes).toMatchObject([
      { venue: 'raydium', outcome: 'unavailable', code: 'timeout' },
      { venue: 'broken', outcome: 'unavailable', code: 'unavailable' },
      { venue: 'meteora', outcome: 'chosen' },
    ]);
    expect((await world.order(order)).status).toBe('confirmed');
  });

  test('does not delay other orders while it is stuck', async () => {
    const world = await started();
    world.takesSends(({ signature }) => (signature === world.sends[0]?.signature ? 'drop' : 'deliver'));
    const first = await world.submit();
    await world.clock.advance(0);
    const others = await Promise.all(Array.from({ length: 100 }, () => world.submit()));
    await world.settle(others, 20);
    expect((await world.order(first)).status).toBe('submitted');
  });
});

describe('the worker of an order', () => {
  test('logs how long the venues took, and which route it chose', async () => {
    const { log, lines } = recordingLog();
    const world = await started({ log });
    for (const name of ['raydium', 'meteora']) world.hooks.venue(name).delay('quote', 30);
    const order = await world.submit();
    await world.settle([order]);
    const [building] = dataOf(await world.log(order), 'order.building');
    expect(building?.quotesMs).toBe(30);
    const { orderId } = order.request;
    expect(lines.filter(({ message }) => message === 'route chosen')).toMatchObject([
      { level: 'info', fields: { orderId, ...building } },
    ]);
  });

  test('gives up its claim when another process changed the order, and logs it', async () => {
    const { log, lines } = recordingLog();
    const world = await createWorld({ log });
    const { orderId } = (await world.submit()).request;
    world.hooks.venue('raydium').meanwhile('quote', () => cancelOrder(world.engine, orderId));
    await executeOrder(world.engine, orderId);
    expect(lines.filter(({ message }) => message.startsWith('claim lost'))).toMatchObject([
      { level: 'warn', fields: { orderId, fence: 1 } },
    ]);
  });

  test('passes on an error of the store', async () => {
    const world = await createWorld();
    const { orderId } = (await world.submit()).request;
    world.hooks.orders.fail('transition', new Error('no store'));
    await expect(executeOrder(world.engine, orderId)).rejects.toThrow('no store');
  });
});

describe('in flight', () => {
  test('lands once when the answer of the first send is lost', async () => {
    const world = await started();
    world.losesTheAnswerOfSend(1);
    const order = await world.submit();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
    expect(world.swapsOf(order)).toBe(1);
  });

  test('sends the same bytes again when a send was dropped', async () => {
    const world = await started();
    world.losesSends(2);
    const order = await world.submit();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
    expect(world.signaturesOf(order).size).toBe(1);
  });

  test('signs anew only after the first transaction is provably dead', async () => {
    const world = await started();
    world.takesSends(({ signature }) => (signature === world.sends[0]?.signature ? 'drop' : 'deliver'));
    const order = await world.submit();
    await world.slots(150);
    expect(world.signaturesOf(order).size).toBe(1); // Its blockhash is not dead at finalized yet.
    expect((await world.order(order)).status).toBe('submitted');
    await world.settle([order]);
    expect(world.signaturesOf(order).size).toBe(2);
    expect(dataOf(await world.log(order), 'order.routing')[1]?.cause?.code).toBe('attempt_expired');
    expect((await world.order(order)).status).toBe('confirmed');
    expect(world.swapsOf(order)).toBe(1);
  });

  test('stays submitted while the node is away, however long, and settles when the node is back', async () => {
    const world = await started();
    const order = await world.submit();
    await world.clock.advance(0);
    world.cutsOff();
    await world.slots(2_000);
    expect((await world.order(order)).status).toBe('submitted');
    world.reconnects();
    await world.settle([order], 10);
    expect((await world.statuses(order)).slice(0, 5)).toEqual(HAPPY);
  });

  test('stays submitted beside a node that hangs, until a start without that node proves the attempt dead', async () => {
    let second: 'hangs' | 'taken out' = 'hangs';
    const world = await createWorld({
      nodes: (chain) => {
        const node = chain.nodeBehind('node-1', () => 0);
        return second === 'hangs' ? [node, chain.nodeBehind('node-2', () => 0)] : [node];
      },
    });
    world.hooks.node('node-2').hold('finalizedEpoch');
    world.hooks.node('node-2').hold('signatureStatuses');
    await world.start();
    world.losesSends();
    const order = await world.submit();
    await world.slots(1_000);
    expect(await world.order(order)).toMatchObject({ status: 'submitted', attemptNumber: 1 });
    second = 'taken out';
    world.takesSends();
    await world.crash();
    await world.settle([order]);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', attemptNumber: 2 });
    expect(world.chain.landed()).toHaveLength(1);
  });

  test('signs nothing new while a fork could still undo a revert', async () => {
    const world = await started();
    const order = await world.submit({ slippageBps: 10 });
    await world.clock.advance(0);
    world.priceFalls('1 %', METEORA_POOL);
    await world.slots(2);
    world.priceRecovers();
    const reverted = world.chain.landed().at(-1)!;
    expect(reverted.execution.error?.kind).toBe('slippage');
    await world.slots(10); // Confirmed, and time enough for another try.

    const [first] = await world.engine.orders.attempts(order.request.orderId);
    world.chain.fork(reverted.slot - 1n);
    await world.chain.chain.nodes[0]!.send(first!.bytes); // A node that has the bytes may send them.
    await world.settle([order]);
    await world.slots(40);
    expect(world.swapsOf(order)).toBe(1);
    expect(world.signaturesOf(order).size).toBe(1);
    expect(await world.statuses(order)).toEqual([...HAPPY, 'finalized']);
  });

  test('counts a revert as proved only when a second node has it too', async () => {
    let isLying = true;
    const error = { kind: 'other', text: 'a lie' } as const;
    const world = await createWorld({
      nodes: (chain) => {
        const honest = chain.nodeBehind('honest', () => 0);
        const liar = lyingNode(honest, {
          name: 'liar',
          async signatureStatuses(signatures, options) {
            const answer = await honest.signatureStatuses(signatures, options);
            if (!isLying) return answer;
            const reverted = { slot: answer.contextSlot, commitment: 'finalized', error } as const;
            return { ...answer, statuses: signatures.map(() => reverted) };
          },
        });
        return [liar, honest];
      },
    });
    await world.start();
    const order = await world.submit();
    await world.slots(60);
    expect(await world.statuses(order)).toEqual(HAPPY.slice(0, 4));
    isLying = false;
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
    expect(world.signaturesOf(order).size).toBe(1);
  });

  test('does not trust a history that was shorter a moment before', async () => {
    const world = await started({
      nodes: (chain) => {
        const node = chain.nodeBehind('two backends', () => 0);
        let asked = 0;
        const firstAvailableSlot = async (): Promise<bigint> => {
          asked += 1;
          return asked % 2 === 1 ? 10_000n : 0n;
        };
        return [lyingNode(node, { firstAvailableSlot })];
      },
    });
    world.losesSends();
    const order = await world.submit();
    await world.slots(400);
    const [attempt] = await world.engine.orders.attempts(order.request.orderId);
    expect(attempt?.state).toBe('open');
    expect(await world.order(order)).toMatchObject({ status: 'submitted', needsReview: true });
  });

  test('reopens an order when a fork drops its confirmed block, and lands the same bytes again', async () => {
    const world = await started();
    const order = await world.submit();
    await world.settle([order]);
    const { slot } = await world.order(order);
    world.chain.fork(slot! - 1n);
    await world.slots(40);
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([...HAPPY, 'reorged', 'confirmed']);
    expect(world.signaturesOf(order).size).toBe(1);
    expect(world.swapsOf(order)).toBe(1);
    await world.slots(40);
    expect((await world.order(order)).finalized).toBe(true);
  });
});

describe('a node that denies a landed transaction', () => {
  /** Two nodes, of which the first denies what it is asked for by its status. */
  const denyingFirst = (denies: () => boolean) => (chain: MemoryChain) => {
    const { anyNode } = chain.chain;
    const { transaction } = anyNode;
    return [lyingNode(denyingNode(anyNode, denies), { transaction }), anyNode];
  };

  test('neither reopens its order while another node knows it, nor delays its finality', async () => {
    let isDenied = false;
    const world = await started({ nodes: denyingFirst(() => isDenied) });
    const order = await world.submit();
    await world.settle([order]);
    isDenied = true;
    await world.slots(60);
    expect(await world.statuses(order)).toEqual([...HAPPY, 'finalized']);
  });

  test('does not hide the transaction that another node knows', async () => {
    const world = await started({ nodes: denyingFirst(() => true) });
    const order = await world.submit();
    await world.slots(400);
    expect(await world.statuses(order)).toEqual([...HAPPY, 'finalized']);
    expect(world.signaturesOf(order).size).toBe(1);
  });
});

describe('crash', () => {
  test.each([0, 1, 2, 3, 5, 8])(
    'after %i turns of the loop every order ends, landed at most once',
    async (turns) => {
      const world = await started();
      const orders = await Promise.all(Array.from({ length: 20 }, () => world.submit()));
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await world.crash();
      await world.settle(orders);
      for (const order of orders) {
        expect((await world.order(order)).status).toBe('confirmed');
        expect(world.swapsOf(order)).toBe(1);
        const log = await world.log(order);
        expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
      }
    },
  );

  test('wakes orders whose wake-up was lost', async () => {
    const world = await createWorld();
    const order = await world.submit();
    await world.crash();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual(HAPPY);
  });

  test('finalizes orders that could not be read at the start, and orders of a dead process', async () => {
    const world = await started();
    const order = await world.submit();
    await world.settle([order]);
    world.hooks.orders.fail('unfinalizedAttempts');
    await world.crash();
    await world.slots(60);
    expect((await world.order(order)).finalized).toBe(false);
    world.hooks.orders.heal();
    await world.slots(300);
    expect((await world.order(order)).finalized).toBe(true);
  });

  test('finalizes after a restart an order that was confirmed before it', async () => {
    const world = await started();
    const order = await world.submit();
    await world.settle([order]);
    await world.crash();
    await world.slots(60);
    expect((await world.order(order)).finalized).toBe(true);
  });
});
