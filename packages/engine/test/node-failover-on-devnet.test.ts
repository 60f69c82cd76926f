import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { walletBalances } from '../src/execution/wallet-balances.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: DevnetWorld;
let firstNode: TcpProxy;
afterEach(async () => {
  await world?.stop();
  await firstNode?.kill().catch(() => {}); // A test may have done so.
});

/**
 * An engine whose first node, slots included, is behind a wire of its own; the second is the devnet itself. A node that refuses
 * connections costs no time, so the live one has as long as a busy machine needs, and no order has a reason to wait.
 */
async function createWorldBehindProxy(rpcTimeoutMs = 10_000): Promise<void> {
  world = await createDevnetWorld('failover', {
    rpcTimeoutMs,
    firstNodeAt: async (devnetUrl) => {
      firstNode = await startTcpProxy(devnetUrl);
      return firstNode.url;
    },
  });
}

test('a new order is confirmed although the first node is dead', async () => {
  await createWorldBehindProxy();
  await firstNode.kill();
  const order = await world.submit();
  await world.advanceUntil(order, 'confirmed');
  expect(await world.statuses(order)).toEqual(['pending', 'routing', 'building', 'submitted', 'confirmed']);
  expect((await walletBalances(world.engine)).balances.length).toBeGreaterThan(1);
});

test('an order in flight is confirmed although the first node died after the transaction was sent', async () => {
  await createWorldBehindProxy();
  const order = await world.submit();
  await world.until(order, 'submitted');
  await firstNode.kill();
  await world.advanceUntil(order, 'confirmed');
  expect((await world.order(order)).failure).toBeNull();
});

test('a new order is confirmed although the first node answers no request', async () => {
  await createWorldBehindProxy(400); // Each question to it takes that long.
  firstNode.hang();
  const order = await world.submit();
  // Slots that passed before it is sent would be lost of its life, and no expiry is proved without the second node.
  await world.until(order, 'submitted');
  await world.advanceUntil(order, 'confirmed');
  expect((await world.order(order)).status).toBe('confirmed');
});

test('the engine signs nothing anew while one of two nodes is away, since one node alone proves no expiry', async () => {
  await createWorldBehindProxy();
  await world.admin('faults', { drop: { rate: 1 } });
  const order = await world.submit();
  await world.until(order, 'submitted');
  await firstNode.kill();
  await world.admin('advance', { slots: 400 });
  await sleep(500); // The engine looks every 20 ms.
  const attempts = await world.engine.orders.attempts(order.request.orderId);
  expect(attempts.map(({ state }) => state)).toEqual(['open']);
});
