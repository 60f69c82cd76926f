import { afterAll, beforeAll, expect, test } from 'vitest';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('receipt-cancel', { limits: { closeReceiptsMs: 100 } });
});
afterAll(() => world?.stop());

const node = () => world.engine.chain.nodes[0]!;

test('a strict order is canceled by its receipt long before its blockhash expires, and the rent comes back', async () => {
  const { orders, signer, chain } = world.engine;
  await world.admin('faults', { drop: { rate: 1 } });
  const order = await world.submit({ executionGuard: 'strict' });
  const { orderId } = order.request;
  await world.until(order, 'submitted');
  await cancelOrder(world.engine, orderId);
  await expect.poll(async () => (await orders.receiptsToBlock([orderId]))[0]?.blocker).toBeTruthy();
  await world.admin('faults', undefined, 'DELETE');

  const asked = await node().finalizedEpoch();
  await world.advanceUntil(order, 'canceled');
  const granted = await node().finalizedEpoch();
  expect(granted.absoluteSlot - asked.absoluteSlot).toBeLessThan(80n);
  const [attempt] = await orders.attempts(orderId);
  expect(attempt?.state).toBe('blocked');
  expect(granted.blockHeight < attempt!.lastValidBlockHeight).toBe(true); // Its bytes are still in time.
  await node().send(attempt!.bytes);
  await world.admin('advance', { slots: 4 });
  const { statuses } = await node().signatureStatuses([attempt!.signature], { searchHistory: true });
  expect(statuses).toMatchObject([{ error: { kind: 'receiptExists' } }]);

  const { address, lamports } = await chain.receipt(signer.address, await signer.receiptSeed(orderId));
  const held = async () => (await node().finalizedLamports([address])).lamports[0];
  expect(await held()).toBe(lamports);
  const rich = (await node().holdings(signer.address)).lamports;
  await world.admin('advance', { blocks: 200 });
  await expect.poll(() => world.advance(40).then(held), { timeout: 10_000, interval: 1 }).toBe(0n);
  const closingFee = 5_000n;
  expect((await node().holdings(signer.address)).lamports).toBe(rich + lamports - closingFee);
});
