import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { Order } from '../src/domain/order.ts';
import { RecoveryImpossible } from '../src/execution/recovery/read-wallet-history.ts';
import { recoverLostAttempts } from '../src/execution/recovery/recover-lost-attempts.ts';
import type { SubmitRequest } from '../src/execution/submit-order.ts';
import type { OrderStore } from '../src/ports/order-store.ts';
import { type RestorableWorld, restorable } from './support/restorable-world.ts';
import type { TestWorld } from './support/world.ts';

/** Restores a backup in which an order is pending that was confirmed since. */
async function confirmedSince(
  world: RestorableWorld,
  request?: Partial<SubmitRequest>,
): Promise<{ readonly order: Order; readonly confirmed: Order }> {
  const order = await world.submit(request);
  const backup = await world.backUp([order]);
  await world.start();
  await world.settle([order]);
  const confirmed = await world.order(order);
  await world.restore(backup);
  return { order, confirmed };
}

/** A backup in which an order's attempt is open, that has expired since; its next one landed. */
async function landedLater(
  world: RestorableWorld,
): Promise<{ readonly order: Order; readonly backup: OrderStore }> {
  world.losesSends();
  await world.start();
  const order = await world.submit();
  await world.clock.advance(0);
  const backup = await world.backUp([order]);
  expect((await world.engine.orders.attempts(order.request.orderId))[0]?.state).toBe('open');
  await world.slots(160);
  world.takesSends();
  await world.settle([order]);
  return { order, backup };
}

async function expectFolded(world: TestWorld, order: Order): Promise<void> {
  expect(foldOrder(order.request, await world.log(order))).toEqual(await world.order(order));
}

describe('a database restored from a backup', () => {
  test('confirms an order that was pending in it and landed since, and swaps nothing twice', async () => {
    const world = await restorable();
    const { order, confirmed } = await confirmedSince(world);
    expect((await world.order(order)).status).toBe('pending');

    expect(await world.recover()).toEqual([]);
    expect(await world.statuses(order)).toEqual(['pending', 'submitted', 'confirmed']);
    const { signature, slot, fill, executedPrice } = confirmed;
    expect(await world.order(order)).toMatchObject({
      status: 'confirmed',
      signature,
      slot,
      fill,
      executedPrice,
    });
    await world.start();
    await world.slots(300);
    expect(world.swapsOf(order)).toBe(1);
    expect((await world.statuses(order)).at(-1)).toBe('finalized');
    await expectFolded(world, order);
  });

  test('reclaims the rent of a receipt that was created since', async () => {
    const world = await restorable();
    const { order } = await confirmedSince(world, { executionGuard: 'strict' });
    const { address } = await world.engine.chain.receipt(
      world.engine.signer.address,
      await world.engine.signer.receiptSeed(order.request.orderId),
    );
    expect(world.chain.balanceOf(address)).toBeGreaterThan(0n);

    await world.recover();
    await world.start();
    await world.slots(700);
    expect(await world.order(order)).toMatchObject({ status: 'confirmed', finalized: true });
    expect(world.chain.balanceOf(address)).toBe(0n);
  });

  test('signs nothing before every lost attempt is decided, one in flight included', async () => {
    const world = await restorable();
    world.losesSends();
    const order = await world.submit();
    const backup = await world.backUp([order]);
    await world.start();
    await world.clock.advance(0);
    await world.restore(backup);

    world.takesSends();
    const review = world.recover();
    await world.clock.advance(400);
    await world.chain.chain.nodes[0]!.send(world.sends[0]!.bytes); // What was on its way arrives while the database is reviewed.
    await review;
    await world.start();
    await world.slots(300);
    expect(world.swapsOf(order)).toBe(1);
    expect(await world.statuses(order)).toEqual(['pending', 'submitted', 'confirmed', 'finalized']);
  });

  test('closes an attempt that it has as open, and restores the one that followed', async () => {
    const world = await restorable();
    const { order, backup } = await landedLater(world);
    await world.restore(backup);

    await world.recover();
    await world.start();
    await world.slots(300);
    expect(await world.statuses(order)).toEqual([
      'pending',
      'routing',
      'building',
      'submitted',
      'routing',
      'submitted',
      'confirmed',
      'finalized',
    ]);
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ attemptNumber, state }) => [attemptNumber, state])).toEqual([
      [1, 'expired'],
      [2, 'landed'],
    ]);
    expect(world.swapsOf(order)).toBe(1);
    await expectFolded(world, order);
  });

  test('gives a lost attempt another number than the one that was signed in its place', async () => {
    const world = await restorable();
    const { order, confirmed } = await confirmedSince(world);
    world.losesSends();
    await world.crash(); // A start without recovery.
    await world.clock.advance(0);
    await world.die();

    await world.recover();
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ attemptNumber, state }) => [attemptNumber, state])).toEqual([
      [1, 'expired'],
      [2, 'landed'],
    ]);
    expect(attempts[1]?.signature).toBe(confirmed.signature);
    await expectFolded(world, order);
  });

  test('restores a reverted attempt before the landed one', async () => {
    const world = await restorable();
    const order = await world.submit({ slippageBps: 50 });
    const backup = await world.backUp([order]);
    await world.start();
    await world.clock.advance(0);
    world.priceFalls('2 %');
    await world.slots(1);
    world.priceRecovers();
    await world.settle([order]);
    await world.restore(backup);

    await world.recover();
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ state }) => state)).toEqual(['reverted', 'landed']);
    expect((await world.order(order)).status).toBe('confirmed');
    await expectFolded(world, order);
  });

  test('names the transactions whose order it does not have, and leaves the others alone', async () => {
    const world = await restorable();
    await world.start();
    const kept = await world.submit();
    await world.settle([kept]);
    const backup = await world.backUp([kept]);
    const lost = await world.submit();
    await world.settle([lost]);
    const { signature } = await world.order(lost);
    await world.restore(backup);
    const found = [{ orderId: lost.request.orderId, signature, slot: expect.any(BigInt), failed: false }];
    expect(await world.recover()).toEqual(found);
    expect(await world.recoveries.lost()).toEqual(found);
  });

  test('waits for a chain that is away, and is unfinished until it is back', async () => {
    const world = await restorable();
    const { order } = await confirmedSince(world);
    world.cutsOff();
    const review = recoverLostAttempts(world.engine, world.recoveries);
    await world.slots(300);
    expect(await world.recoveries.isUnfinished()).toBe(true);
    expect(await world.statuses(order)).toEqual(['pending']);
    world.reconnects();
    await world.slots(300);
    await review;
    expect(await world.recoveries.isUnfinished()).toBe(false);
  });

  test("is refused, and stays unfinished, where no node's history covers the time since", async () => {
    const world = await restorable();
    const { order } = await confirmedSince(world);
    world.chain.purgeBefore(world.chain.slot());
    await expect(world.recover()).rejects.toThrow(RecoveryImpossible);
    expect(await world.recoveries.isUnfinished()).toBe(true);
    expect(await world.statuses(order)).toEqual(['pending']);
  });

  test('ends the same when the recovery died after any of its writes', async () => {
    for (let writes = 1; writes <= 4; writes += 1) {
      const world = await restorable();
      const { order, backup } = await landedLater(world);
      await world.restore(backup);
      let left = writes;
      const isLast = () => {
        left -= 1;
        return left === 0;
      };
      world.hooks.orders.afterwards('transition', () => world.die(), { times: 1, when: isLast });
      void recoverLostAttempts(world.engine, world.recoveries);
      await world.slots(300);

      world.hooks.orders.heal();
      await world.restore(backup);
      await world.recover();
      await world.start();
      await world.slots(100);
      expect(world.swapsOf(order)).toBe(1);
      expect((await world.order(order)).status).toBe('confirmed');
      await expectFolded(world, order);
    }
  });
});
