import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { Order } from '../src/domain/order.ts';
import { timeAfter } from '../src/domain/timestamp.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { ChainUnavailable } from '../src/ports/chain.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** As many slots as a blockhash needs to be dead at `finalized`, and some more. */
const DEAD_SLOTS = 220;

/** A world whose node takes no bytes. */
async function started(limits: object = {}) {
  const world = await createWorld({ limits: { maxTries: 1, ...limits } });
  const node = world.hooks.node('memory');
  node.fail('send', new ChainUnavailable('not taken'));
  await world.start();
  await world.slots(6);
  return { world, node };
}

const goOnIn = async (world: TestWorld, order: Order) =>
  (await world.log(order)).flatMap(({ type, data }) => (type === 'order.routing' ? [data] : [])).slice(1);

describe('an attempt that no node took before it was dead', () => {
  test('costs no try: its order waits for the chain, and continues when the chain is back', async () => {
    const { world, node } = await started();
    node.meanwhile('send', () => world.cutsOff());
    const order = await world.submit();
    await world.slots(DEAD_SLOTS);
    expect(await world.order(order)).toMatchObject({ status: 'submitted', waitingFor: null });
    node.heal(); // From now on nodes acknowledge the dead bytes, too.
    world.reconnects();
    await world.settle([order]);
    expect(await world.statuses(order)).toEqual([
      ...['pending', 'routing', 'building', 'submitted'],
      ...['routing', 'waiting', 'building', 'submitted', 'confirmed'],
    ]);
    expect(await goOnIn(world, order)).toMatchObject([
      {
        try: 1,
        interrupted: true,
        cause: { code: 'attempt_expired', reason: expect.stringMatching(/^No node took/) },
      },
    ]);
    const now = await world.order(order);
    expect(now).toMatchObject({ tryNumber: 1, attemptNumber: 2, waitSinceMs: null });
    expect(foldOrder(order.request, await world.log(order))).toEqual(now);
    expect(world.chain.landed()).toHaveLength(1);
  });

  test('costs a try when a node took it while it could land', async () => {
    const { world, node } = await started();
    node.heal();
    world.losesSends();
    const order = await world.submit();
    await world.slots(DEAD_SLOTS);
    expect(await world.order(order)).toMatchObject({
      ...{ status: 'failed', attemptNumber: 1, failure: { code: 'attempt_expired' } },
    });
  });

  test('costs no try where nodes answer and take nothing: its order ends at the longest wait', async () => {
    const maxWaitMs = 240_000;
    const { world, node } = await started({ maxWaitMs });
    const order = await world.submit();
    const startedAtMs = world.clock.now();
    await world.settle([order]);
    const now = await world.order(order);
    expect(now).toMatchObject({ status: 'expired', tryNumber: 1 });
    expect(now.attemptNumber).toBeGreaterThan(1);
    // Nothing was signed later; what was signed just before is waited for.
    const submitted = (await world.log(order)).filter(({ type }) => type === 'order.submitted');
    for (const { timestamp } of submitted)
      expect(Date.parse(timestamp) - startedAtMs).toBeLessThan(maxWaitMs);
    expect(node.calls('send').length).toBeGreaterThan(100);
    expect(world.chain.landed()).toEqual([]);
  });

  test('ends its order when a cancel was requested, or its deadline has passed', async () => {
    const { world } = await started();
    const canceled = await world.submit();
    const hasty = await world.submit({ expiresAtMs: timeAfter(world.clock.now(), 5_000) });
    await world.slots(1);
    expect(await cancelOrder(world.engine, canceled.request.orderId)).toMatchObject({ outcome: 'requested' });
    await world.settle([canceled, hasty]);
    expect((await world.order(canceled)).status).toBe('canceled');
    expect((await world.order(hasty)).status).toBe('expired');
  });

  test('costs no try when its process died with it and came back too late to know', async () => {
    const { world, node } = await started();
    node.heal();
    world.losesSends();
    const order = await world.submit();
    await world.slots(2);
    await world.die();
    await world.slots(DEAD_SLOTS);
    world.takesSends();
    await world.start();
    await world.settle([order]);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', tryNumber: 1, attemptNumber: 2 });
  });
});
