import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Signature } from '../src/domain/signature.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('cancel');
});
afterAll(() => world?.stop());

/** What the chain's own ledger says about a signature: landed, failed, or nothing. */
async function onChain(signature: Signature | null): Promise<'landed' | 'reverted' | 'absent'> {
  const { statuses } = await world.engine.chain.nodes[0]!.signatureStatuses([signature!], {
    searchHistory: true,
  });
  const [status] = statuses;
  return status ? (status.error ? 'reverted' : 'landed') : 'absent';
}

test('a cancel in flight is granted once the chain proves that the lost transaction cannot land', async () => {
  await world.admin('faults', { drop: { rate: 1 } });
  const order = await world.submit();
  await world.until(order, 'submitted');
  expect(await cancelOrder(world.engine, order.request.orderId)).toMatchObject({ outcome: 'requested' });
  await world.admin('advance', { blocks: 140 });
  expect((await world.order(order)).status).toBe('submitted');
  await world.advanceUntil(order, 'canceled');
  expect((await world.statuses(order)).slice(-3)).toEqual(['submitted', 'cancel_requested', 'canceled']);

  // Even delivered now, the recorded bytes are dead.
  await world.admin('faults', undefined, 'DELETE');
  const [attempt] = await world.engine.orders.attempts(order.request.orderId);
  expect(attempt?.state).toBe('expired');
  await world.engine.chain.nodes[0]!.send(attempt!.bytes).catch(() => {});
  await world.admin('advance', { slots: 5 });
  expect(await onChain(attempt!.signature)).toBe('absent');
});

test('a cancel in flight comes too late for a transaction that lands', async () => {
  const order = await world.submit();
  await world.until(order, 'submitted');
  await cancelOrder(world.engine, order.request.orderId);
  await world.advanceUntil(order, 'confirmed');
  expect((await world.statuses(order)).slice(-3)).toEqual(['submitted', 'cancel_requested', 'confirmed']);
  expect(await onChain((await world.order(order)).signature)).toBe('landed');
});
