import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldOrder } from '../src/domain/apply-event.ts';
import type { Order, OrderId } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';
import { isTerminal } from '../src/domain/order-status.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { watchOrder } from '../src/execution/streams/watch-order.ts';
import { submitOrder } from '../src/execution/submit-order.ts';
import { createWorld, submitRequest, type TestWorld } from './support/world.ts';

/** What a user may rely on, and nothing about how it comes about. */
interface Model {
  /** By idempotency key: what was first submitted under it, and the order that it became. */
  readonly orders: Map<string, ModelOrder>;
  isRunning: boolean;
}

interface ModelOrder {
  readonly amount: string;
  readonly orderId: OrderId;
  /** The log as it was last read: it may only grow. */
  log: readonly OrderEvent[];
  cancel: 'none' | 'requested' | 'canceled' | 'over';
}

interface Real {
  readonly world: TestWorld;
  readonly streams: { readonly orderId: OrderId; readonly after: number; readonly seen: OrderEvent[] }[];
}

type Command = fc.AsyncCommand<Model, Real>;

const KEYS = ['a', 'b', 'c'];
const anyKey = fc.constantFrom(...KEYS);
const known = (model: Model, key: string): ModelOrder => model.orders.get(key)!;

function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return { check, run, toString: () => name };
}

const submit = (key: string, amount: string): Command =>
  command(
    `submit ${amount} as ${key}`,
    () => true,
    async (model, { world }) => {
      const request = submitRequest({ amount, idempotencyKey: key, fingerprint: amount });
      const result = await submitOrder(world.engine, request);
      const before = model.orders.get(key);
      if (before && before.amount !== amount) {
        expect(result).toMatchObject({ outcome: 'conflict', orderId: before.orderId });
        return;
      }
      if (!('order' in result)) throw new Error(result.outcome);
      expect(result.outcome).toBe(before ? 'existing' : 'created');
      const { orderId } = result.order.request;
      if (before) expect(orderId).toBe(before.orderId);
      else model.orders.set(key, { amount, orderId, log: [], cancel: 'none' });
    },
  );

const cancel = (key: string): Command =>
  command(
    `cancel ${key}`,
    (model) => model.orders.has(key),
    async (model, { world }) => {
      const order = known(model, key);
      const { outcome } = await cancelOrder(world.engine, order.orderId);
      if (outcome === 'unknown') throw new Error('an accepted order is unknown');
      if (order.cancel === 'canceled') expect(outcome).toBe('canceled');
      order.cancel = outcome;
    },
  );

const read = (key: string): Command =>
  command(
    `read ${key}`,
    (model) => model.orders.has(key),
    async (model, { world }) => {
      await readInto(known(model, key), world);
    },
  );

/** The log only grows, has no gap, folds to the order, and keeps to what a cancel was told. */
async function readInto(order: ModelOrder, world: TestWorld): Promise<Order> {
  const row = await world.engine.orders.get(order.orderId);
  if (!row) throw new Error('an accepted order is unknown');
  const log = await world.log(row);
  expect(log.slice(0, order.log.length)).toEqual(order.log);
  expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
  expect(foldOrder(row.request, log.slice(0, row.sequence))).toEqual(row); // A worker may have gone on since.
  if (order.cancel === 'canceled') expect(row.status).toBe('canceled');
  if (order.cancel === 'requested') expect(row.cancelRequested).toBe(true);
  order.log = log;
  return row;
}

const subscribe = (key: string, after: number): Command =>
  command(
    `subscribe to ${key} after ${after}`,
    (model) => model.isRunning && model.orders.has(key),
    async (model, { world, streams }) => {
      const { orderId } = known(model, key);
      const stream = { orderId, after, seen: [] as OrderEvent[] };
      streams.push(stream);
      void (async () => {
        for await (const event of watchOrder(world.engine, orderId, after, new AbortController().signal))
          stream.seen.push(event);
      })();
    },
  );

const slots = (count: number): Command =>
  command(
    `${count} slots`,
    () => true,
    (_, { world }) => world.slots(count),
  );

const crash = command(
  'crash',
  (model) => model.isRunning,
  (_, { world }) => world.crash(),
);

const die = command(
  'die',
  (model) => model.isRunning,
  async (model, { world }) => {
    await world.die();
    model.isRunning = false;
  },
);

const restart = command(
  'start',
  (model) => !model.isRunning,
  async (model, { world }) => {
    await world.start();
    model.isRunning = true;
  },
);

const lose = (isLost: boolean): Command =>
  command(
    isLost ? 'sends are lost' : 'sends arrive',
    () => true,
    async (_, { world }) => {
      world.takesSends(() => (isLost ? 'drop' : 'deliver'));
    },
  );

const fall = command(
  'the price falls by 2 %',
  () => true,
  async (_, { world }) => {
    world.priceFalls('2 %');
  },
);

const COMMANDS = [
  fc.tuple(anyKey, fc.constantFrom('1', '2', '999999')).map(([key, amount]) => submit(key, amount)),
  anyKey.map(cancel),
  anyKey.map(read),
  fc.tuple(anyKey, fc.nat({ max: 3 })).map(([key, after]) => subscribe(key, after)),
  fc.constantFrom(0, 1, 3, 40).map(slots),
  fc.constant(crash),
  fc.constant(die),
  fc.constant(restart),
  fc.boolean().map(lose),
  fc.constant(fall),
];

/** Nothing goes wrong any more: every order ends, and everybody who watches has its whole log. */
async function checkEnd(model: Model, { world, streams }: Real): Promise<void> {
  world.takesSends();
  if (!model.isRunning) await world.start();
  const orders = await Promise.all([...model.orders.values()].map((order) => readInto(order, world)));
  await world.settle(orders, 1_500);
  await world.slots(80);
  for (const order of model.orders.values()) {
    const row = await readInto(order, world);
    expect(isTerminal(row.status)).toBe(true);
    const attempts = await world.engine.orders.attempts(order.orderId);
    const swaps = world.chain
      .landed()
      .filter(({ execution }) => !execution.error)
      .filter(({ execution }) => attempts.some(({ signature }) => signature === execution.signature));
    expect(swaps).toHaveLength(row.status === 'confirmed' ? 1 : 0);
    expect(row.finalized).toBe(row.status === 'confirmed');
  }
  for (const { orderId, after, seen } of streams) {
    const { log } = [...model.orders.values()].find((order) => order.orderId === orderId)!;
    expect(seen).toEqual(log.slice(after, after + seen.length));
  }
}

describe('whatever users do and however often processes die', () => {
  test('orders keep to the model', async () => {
    const ends = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 25, size: '+1' }), async (commands) => {
        const real: Real = { world: await createWorld({ limits: { leaseMs: 3_000 } }), streams: [] };
        const model: Model = { orders: new Map(), isRunning: false };
        await fc.asyncModelRun(() => ({ model, real }), commands);
        await checkEnd(model, real);
        for (const { log } of model.orders.values())
          for (const { type } of log) ends.add(type.slice('order.'.length));
      }),
      { numRuns: Number(process.env.MODEL_RUNS ?? 300), endOnFailure: true },
    );
    expect([...ends]).toEqual(expect.arrayContaining(['finalized', 'failed', 'canceled']));
  });
});
