import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { Order } from '../src/domain/order.ts';
import { settleLanded } from '../src/execution/attempts/settle-landed.ts';
import { settleExpired } from '../src/execution/attempts/settle-order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import type { Engine } from '../src/execution/engine.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import type { OrderStore } from '../src/ports/order-store.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** One process: its calls of the store take effect in their order, and whenever the scheduler lets them between others'. */
function processOf(world: TestWorld, scheduler: fc.Scheduler, name: string): Engine {
  let last: Promise<unknown> = Promise.resolve();
  const orders = new Proxy(world.engine.orders, {
    get(store, key: keyof OrderStore) {
      const method = store[key] as (...input: unknown[]) => Promise<unknown>;
      return (...input: unknown[]) => {
        last = Promise.all([last, scheduler.schedule(Promise.resolve(), `${name}: ${key}`)]);
        return last.then(() => method.apply(store, input));
      };
    },
  });
  // The signer of the world has asked for what is final; one of its own would ask in the middle of the steps.
  return world.anotherProcess({ orders });
}

async function endOf(world: TestWorld, order: Order) {
  const { orderId } = order.request;
  const [row, log, attempts] = await Promise.all([
    world.order(order),
    world.log(order),
    world.engine.orders.attempts(orderId),
  ]);
  expect(foldOrder(order.request, log)).toEqual(row);
  const states = attempts.map(({ state }) => state);
  return { status: row.status, types: log.map(({ type }) => type.slice('order.'.length)), states };
}

/** An order with a recorded attempt that no process watches. */
async function submitted(fate: 'deliver' | 'drop') {
  const world = await createWorld();
  await askAboutPast(world.engine); // As a start does: nothing is signed before.
  world.takesSends(() => fate);
  const order = await world.submit();
  await executeOrder(world.engine, order.request.orderId);
  const [attempt] = await world.engine.orders.attempts(order.request.orderId);
  await world.slots(3);
  return { world, order, attempt: attempt! };
}

const anyOrder = (
  check: (scheduler: fc.Scheduler) => Promise<void>,
  numRuns = Number(process.env.MODEL_RUNS ?? 300),
): Promise<void> => fc.assert(fc.asyncProperty(fc.scheduler(), check), { numRuns });

describe('in every order of their steps', () => {
  test('two workers and a cancel leave one attempt that is sent, or none and a canceled order', async () => {
    const met = new Set<string>();
    await anyOrder(async (scheduler) => {
      const world = await createWorld();
      await askAboutPast(world.engine);
      const order = await world.submit();
      const { orderId } = order.request;
      const [one, two, three] = ['one', 'two', 'three'].map((name) => processOf(world, scheduler, name));
      const all = Promise.all([
        executeOrder(one!, orderId),
        executeOrder(two!, orderId),
        cancelOrder(three!, orderId),
      ]);
      await scheduler.waitFor(all);
      const [, , { outcome }] = await all;
      const { status, states } = await endOf(world, order);
      met.add(outcome);
      if (outcome === 'canceled')
        expect({ status, states, sent: world.sends.length }).toEqual({ status, states: [], sent: 0 });
      else
        expect({ status, states, outcome }).toEqual({
          status: 'submitted',
          states: ['open'],
          outcome: 'requested',
        });
      expect(status).toBe(outcome === 'canceled' ? 'canceled' : 'submitted');
    });
    expect(met).toEqual(new Set(['canceled', 'requested']));
  });

  test('two observers, a claim and a cancel confirm a landed order once', async () => {
    const met = new Set<string>();
    await anyOrder(async (scheduler) => {
      const { world, order, attempt } = await submitted('deliver');
      const { orderId } = order.request;
      await world.engine.orders.voidLeases();
      const at = (name: string) => processOf(world, scheduler, name);
      const all = Promise.all([
        settleLanded(at('one'), attempt),
        settleLanded(at('two'), attempt),
        executeOrder(at('three'), orderId),
        cancelOrder(at('four'), orderId),
      ]);
      await scheduler.waitFor(all);
      const [, , , { outcome }] = await all;
      met.add(outcome);
      const { status, types, states } = await endOf(world, order);
      expect({ status, states }).toEqual({ status: 'confirmed', states: ['landed'] });
      expect(types.filter((type) => type === 'confirmed')).toHaveLength(1);
      expect(types.filter((type) => type === 'cancel_requested')).toHaveLength(
        outcome === 'requested' ? 1 : 0,
      );
    });
    expect(met).toEqual(new Set(['requested', 'over']));
  });

  test('two observers and a cancel end an order whose attempt is dead, with no other attempt', async () => {
    const met = new Set<string>();
    await anyOrder(async (scheduler) => {
      const { world, order, attempt } = await submitted('drop');
      const at = (name: string) => processOf(world, scheduler, name);
      const all = Promise.all([
        settleExpired(at('one'), attempt),
        settleExpired(at('two'), attempt),
        cancelOrder(at('three'), order.request.orderId),
      ]);
      await scheduler.waitFor(all);
      const [, , { outcome }] = await all;
      met.add(outcome);
      const { status, types, states } = await endOf(world, order);
      expect({ status, states }).toEqual({ status: 'canceled', states: ['expired'] });
      expect(types.slice(4)).toEqual(
        outcome === 'requested' ? ['cancel_requested', 'canceled'] : ['routing', 'canceled'],
      );
    });
    expect(met).toEqual(new Set(['canceled', 'requested']));
  });
});
