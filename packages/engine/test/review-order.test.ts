import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import { type Order, toOrderId } from '../src/domain/order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { type Review, type ReviewResult, reviewOrder } from '../src/execution/review-order.ts';
import { createWorld, SOL, type TestWorld, USDC, units } from './support/world.ts';

const IN_REVIEW = ['pending', 'routing', 'building', 'submitted', 'review_needed'];
const NOT_LANDED: Review = {
  decision: 'notLanded',
  operator: 'Ada',
  evidence: 'Two explorers know nothing.',
};
const LANDED: Review = {
  decision: 'landed',
  operator: 'Ada',
  evidence: 'An archive node shows it.',
  fill: { slot: 101n, amountIn: '1', amountOut: '149.5', networkFee: '0.000005' },
};

/** An order whose transaction was never seen again, on a chain that remembers the last few blocks only. */
async function inReview(
  options: { landed?: boolean; request?: Parameters<TestWorld['submit']>[0] } = {},
): Promise<{ world: TestWorld; order: Order }> {
  const world = await createWorld();
  await world.start();
  if (!options.landed) world.losesSends();
  const order = await world.submit(options.request);
  await world.clock.advance(0);
  if (options.landed) {
    world.chain.produceBlock();
    world.cutsOff();
    for (let slot = 0; slot < 300; slot += 1) world.chain.produceBlock();
    world.reconnects();
  } else for (let slot = 0; slot < 300; slot += 1) world.chain.produceBlock();
  world.chain.purgeBefore(world.chain.slot() - 50n);
  await world.slots(10);
  expect(await world.statuses(order)).toEqual(IN_REVIEW);
  return { world, order };
}

const review = (world: TestWorld, order: Order, what: Review): Promise<ReviewResult> =>
  reviewOrder(world.engine, order.request.orderId, what);

async function expectFolded(world: TestWorld, order: Order): Promise<void> {
  expect(foldOrder(order.request, await world.log(order))).toEqual(await world.order(order));
}

describe('an order whose history the chain has purged', () => {
  test('is marked once, stays submitted, and nothing else is signed for it, restarts included', async () => {
    const { world, order } = await inReview();
    await world.slots(300);
    await world.crash();
    await world.slots(300);
    expect(await world.statuses(order)).toEqual(IN_REVIEW);
    expect(await world.order(order)).toMatchObject({ status: 'submitted', needsReview: true });
    expect(await world.engine.orders.attempts(order.request.orderId)).toHaveLength(1);
  });

  test('is not marked while a node is unreachable', async () => {
    const world = await createWorld();
    await world.start();
    world.losesSends();
    const order = await world.submit();
    await world.clock.advance(0);
    world.cutsOff();
    for (let slot = 0; slot < 300; slot += 1) world.chain.produceBlock();
    world.chain.purgeBefore(world.chain.slot() - 50n);
    await world.slots(50);
    expect((await world.order(order)).needsReview).toBe(false);
  });

  test('is settled by the chain when a node with more history answers', async () => {
    const { world, order } = await inReview({ landed: true });
    world.chain.purgeBefore(0n);
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([...IN_REVIEW, 'confirmed']);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', needsReview: false });
    await expectFolded(world, order);
  });

  test('takes another try when a node with more history proves that it expired', async () => {
    const { world, order } = await inReview();
    world.takesSends();
    world.chain.purgeBefore(0n);
    await world.settle([order]);
    // No node showed a block in which the attempt could land, so it spends no try: the same one goes on.
    expect((await world.statuses(order)).slice(IN_REVIEW.length)).toEqual([
      ...['routing', 'waiting', 'building'],
      ...['submitted', 'confirmed'],
    ]);
    await expectFolded(world, order);
  });

  test('fails when an operator decides that it did not land, with the evidence in the log', async () => {
    const { world, order } = await inReview();
    expect(await review(world, order, NOT_LANDED)).toMatchObject({ outcome: 'reviewed' });
    const log = await world.log(order);
    expect(log.slice(-2)).toMatchObject([
      { type: 'order.reviewed', status: 'submitted', data: NOT_LANDED },
      { type: 'order.failed', data: { code: 'not_landed', reason: NOT_LANDED.evidence } },
    ]);
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ state }) => state)).toEqual(['expired']);
    await world.slots(100);
    expect(world.engine.observer.counts()).toEqual({ open: 0, landed: 0 });
    await expectFolded(world, order);
  });

  test('gives the unfilled rest of a partial fill, from the spent amount that an operator names', async () => {
    const { world, order } = await inReview({ request: { swapMode: 'partialFill', amount: '2' } });
    const fill = { slot: 101n, amountIn: '0.5', amountOut: '75', networkFee: '0.000005' };
    expect(await review(world, order, { ...LANDED, fill })).toMatchObject({ outcome: 'reviewed' });
    expect((await world.log(order)).slice(-2)).toMatchObject([
      { type: 'order.confirmed', data: { amountIn: '0.5', unfilledAmountIn: '1.5' } },
      { type: 'order.finalized', data: { amountIn: '0.5', unfilledAmountIn: '1.5' } },
    ]);
    await expectFolded(world, order);
  });

  test('is canceled by that decision if a cancel was requested', async () => {
    const { world, order } = await inReview();
    expect((await cancelOrder(world.engine, order.request.orderId)).outcome).toBe('requested');
    await review(world, order, NOT_LANDED);
    expect((await world.statuses(order)).slice(-3)).toEqual(['cancel_requested', 'reviewed', 'canceled']);
    await expectFolded(world, order);
  });

  test('is confirmed and final with the fill that an operator names', async () => {
    const { world, order } = await inReview({ landed: true });
    await review(world, order, LANDED);
    expect((await world.statuses(order)).slice(-3)).toEqual(['reviewed', 'confirmed', 'finalized']);
    expect(await world.order(order)).toMatchObject({
      status: 'confirmed',
      finalized: true,
      slot: 101n,
      executedPrice: '149.5',
      fill: { amountIn: units('1', SOL), amountOut: units('149.5', USDC) },
    });
    await world.slots(100);
    expect(await world.statuses(order)).toHaveLength(IN_REVIEW.length + 3);
    await expectFolded(world, order);
  });

  test('takes one decision; a second one, and one about another order, write nothing', async () => {
    const { world, order } = await inReview();
    const answers = await Promise.all([review(world, order, NOT_LANDED), review(world, order, LANDED)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['notInReview', 'reviewed']);
    expect(await reviewOrder(world.engine, toOrderId('nobody'), NOT_LANDED)).toEqual({ outcome: 'unknown' });
  });

  test('refuses an impossible fill', async () => {
    const { world, order } = await inReview();
    const fill = { ...LANDED.fill!, amountOut: '149.1234567' };
    expect(await review(world, order, { ...LANDED, fill })).toMatchObject({
      outcome: 'refused',
      code: 'too_many_decimals',
      field: 'amountOut',
    });
    expect(await world.statuses(order)).toEqual(IN_REVIEW);
  });
});

test('a confirmed order whose block was purged before it was read as final stays confirmed', async () => {
  const world = await createWorld();
  await world.start();
  const order = await world.submit();
  await world.settle([order]);
  world.cutsOff();
  for (let slot = 0; slot < 300; slot += 1) world.chain.produceBlock();
  world.chain.purgeBefore(world.chain.slot() - 50n);
  world.reconnects();
  await world.slots(50);
  expect((await world.statuses(order)).at(-1)).toBe('confirmed');
});
