import { describe, expect, test } from 'vitest';
import { explainOrder } from '../src/domain/explain.ts';
import type { Order } from '../src/domain/order.ts';
import type { OrderEventData } from '../src/domain/order-event.ts';
import type { SubmitRequest } from '../src/execution/submit-order.ts';
import { misquoting, withoutMarket } from './support/odd-venue.ts';
import { createWorld, SOL, type TestWorld, type WorldOptions } from './support/world.ts';

/** A world that counts rehearsals, after one order of 1 SOL and this many more that were confirmed. */
async function worldAfter(orders: number, options: WorldOptions = {}) {
  const world = await createWorld(options);
  const rehearsed = world.hooks.node('memory').calls('simulate');
  await world.start();
  await world.slots(1);
  await world.settle([await world.submit()]);
  for (let number = 0; number < orders; number += 1) {
    await world.slots(1);
    await world.settle([await world.submit()]);
  }
  await world.slots(1);
  /** How often the next order is rehearsed. */
  const rehearsals = async (request: Partial<SubmitRequest> = {}): Promise<number> => {
    const before = rehearsed.length;
    await world.settle([await world.submit(request)]);
    return rehearsed.length - before;
  };
  return { world, rehearsals };
}

async function submittedOf(world: TestWorld, order: Order): Promise<OrderEventData['order.submitted']> {
  const found = (await world.log(order)).find(({ type }) => type === 'order.submitted');
  return found?.data as OrderEventData['order.submitted'];
}

test('a swap is not rehearsed when enough swaps like it were, and its event says so', async () => {
  const { world, rehearsals } = await worldAfter(1);
  expect(await rehearsals()).toBe(1); // Two rehearsals and two landed swaps are four samples.
  await world.slots(1);
  const order = await world.submit();
  await world.settle([order]);
  expect(await submittedOf(world, order)).toMatchObject({
    computeUnits: { source: 'table', units: 30_000, samples: 6, ageMs: expect.any(Number), limit: 48_000 },
  });
  const [first] = explainOrder(order.request, await world.log(order)).tries;
  expect(first?.computeUnits).toMatchObject({ units: 30_000, samples: 6, limit: 48_000 });
  await world.slots(1);
  expect(await rehearsals()).toBe(0);
  expect((await world.order(order)).status).toBe('confirmed');
  await world.stop();
});

describe('a swap is rehearsed', () => {
  test('if its order asks for it, or the setting does and the order does not ask otherwise', async () => {
    const { world, rehearsals } = await worldAfter(4);
    expect(await rehearsals({ rehearse: 'always' })).toBe(1);
    await world.slots(1);
    expect(await rehearsals()).toBe(0);
    await world.stop();
    const strict = await worldAfter(4, { limits: { rehearse: 'always' } });
    expect(await strict.rehearsals()).toBe(1);
    await strict.world.stop();
  });

  test('if swaps of another size, direction or guard are known alone', async () => {
    const { world, rehearsals } = await worldAfter(4);
    expect(await rehearsals({ amount: '100' })).toBe(1);
    await world.slots(1);
    expect(await rehearsals({ executionGuard: 'strict' })).toBe(1);
    await world.slots(1);
    expect(await rehearsals({ tokenIn: 'USDC', tokenOut: 'SOL', amount: '150' })).toBe(1);
    await world.stop();
  });

  test('if the wallet does not hold twice what it and the open orders spend, and fees beside', async () => {
    const { world, rehearsals } = await worldAfter(4);
    const holds = async (lamports: bigint) => {
      world.walletHolds(SOL, lamports);
      await world.slots(3);
    };
    await holds(2_039_999_999n);
    expect(await rehearsals()).toBe(1);
    await holds(2_040_000_000n);
    expect(await rehearsals()).toBe(0);
    await holds(4_000_000_000n);
    world.losesSends();
    const order = await world.submit();
    await world.slots(2);
    expect((await world.order(order)).status).toBe('submitted');
    const next = await world.submit();
    await world.slots(1);
    expect((await submittedOf(world, next)).computeUnits).toBeUndefined();
    await world.stop();
  });

  test('if the wallet does not hold twice what all orders spend that began since it was read', async () => {
    const { world } = await worldAfter(4);
    const calls = world.hooks.node('memory').calls('simulate');
    const rehearsalsOfTwo = async (lamports: bigint): Promise<number> => {
      world.walletHolds(SOL, lamports);
      await world.slots(3);
      const before = calls.length;
      await world.settle(await Promise.all([world.submit(), world.submit()]));
      return calls.length - before;
    };
    expect(await rehearsalsOfTwo(4_059_999_999n)).toBe(2);
    expect(await rehearsalsOfTwo(4_060_000_000n)).toBe(0);
    await world.stop();
  });

  test('if its accounts are two slots old', async () => {
    const { world, rehearsals } = await worldAfter(4, {
      venues: (venues) =>
        venues.map((venue) => misquoting(venue, (quote) => ({ ...quote, slot: quote.slot - 2n }))),
    });
    expect(await rehearsals()).toBe(1);
    await world.stop();
  });

  test('if its tolerance is narrower than the usual movement of its price', async () => {
    const { world, rehearsals } = await worldAfter(4);
    for (let step = 0; step < 6; step += 1) {
      world.priceFalls('0.1 %');
      await world.slots(5);
      world.priceRecovers();
      await world.slots(5);
    }
    expect(await rehearsals({ slippageBps: 20 })).toBe(1);
    await world.slots(1);
    expect(await rehearsals({ slippageBps: 200 })).toBe(0);
    await world.stop();
  });

  test('if its venue builds the route', async () => {
    const { world, rehearsals } = await worldAfter(4, {
      venues: (venues) => venues.map(withoutMarket),
    });
    expect(await rehearsals()).toBe(1);
    await world.stop();
  });

  test('in the next try after a revert, and after that until enough swaps like it are known', async () => {
    const { world, rehearsals } = await worldAfter(4);
    const order = await world.submit();
    await world.clock.advance(0);
    expect((await submittedOf(world, order)).computeUnits).toBeDefined();
    world.priceFalls('5 %');
    await world.slots(1);
    world.priceRecovers();
    await world.settle([order]);
    const submitted = (await world.log(order)).filter(({ type }) => type === 'order.submitted');
    expect(submitted.map(({ data }) => 'computeUnits' in data)).toEqual([true, false]);
    await world.slots(1);
    expect(await rehearsals()).toBe(1);
    await world.stop();
  });
});
