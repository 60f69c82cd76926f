import { afterEach, expect, test, vi } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import type { OrderEvent } from '../src/domain/order-event.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { type NodeProxy, startNodeProxy } from './support/node-proxy.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: DevnetWorld;
let firstNode: NodeProxy;
afterEach(async () => {
  await world?.stop();
  await firstNode?.close();
});

/** An engine whose first node is behind a proxy that may lie; the second is the devnet itself. */
async function createWorldBehindProxy(): Promise<void> {
  world = await createDevnetWorld('final fill', {
    firstNodeAt: async (devnetUrl) => {
      firstNode = await startNodeProxy(devnetUrl);
      return firstNode.url;
    },
  });
}

async function untilFinal(order: Order): Promise<readonly OrderEvent[]> {
  for (let rounds = 0; rounds < 20 && !(await world.order(order)).finalized; rounds += 1)
    await world.advance(10);
  return world.engine.orders.events(order.request.orderId, 0, 1_000);
}

test('a fee and a slot that the first node made up are corrected by the second', async () => {
  await createWorldBehindProxy();
  firstNode.lie = ({ method }, result) => {
    if (method !== 'getTransaction') return;
    result.slot += 1;
    result.meta.fee += 7;
  };
  const order = await world.submit();
  await world.advanceUntil(order, 'confirmed');
  firstNode.lie = null;
  const events = await untilFinal(order);
  const confirmed = events.find(({ type }) => type === 'order.confirmed')?.data as { slot: string };
  const { corrects, slot, fees } = events.at(-1)!.data as {
    corrects: string[];
    slot: string;
    fees: { network: string };
  };
  expect(corrects).toEqual(['slot', 'fees']);
  expect(Number(slot)).toBe(Number(confirmed.slot) - 1);
  expect(fees.network).toBe('0.000005');
});

test('each transaction is read from one node when it landed, and from the other when it is final', async () => {
  await createWorldBehindProxy();
  const orders = await Promise.all(Array.from({ length: 8 }, () => world.submit()));
  for (const order of orders) await world.advanceUntil(order, 'confirmed');
  expect(firstNode.asked.get('getTransaction')).toBe(8);
  const polls = firstNode.asked.get('getSignatureStatuses') ?? 0;
  for (const order of orders) expect((await untilFinal(order)).at(-1)?.type).toBe('order.finalized');
  expect(firstNode.asked.get('getTransaction')).toBe(8);
  expect(polls).toBeGreaterThan(0);
});
