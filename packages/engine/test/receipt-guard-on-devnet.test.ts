import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';
import { signNaively } from './support/naive-sender.ts';

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('receipts');
});
afterAll(() => world?.stop());

test.each([
  ['strict', 1],
  ['protocol', 2],
] as const)('a sender that signs anew without proof lands a %s order %i times', async (guard, times) => {
  const order = await world.submit({ executionGuard: guard, fingerprint: guard });
  await world.until(order, 'submitted');
  const rival = await signNaively(world.engine, order, 9);
  await world.engine.chain.nodes[0]!.send(rival.bytes);
  await world.admin('advance', { slots: 4 });

  const [attempt] = await world.engine.orders.attempts(order.request.orderId);
  const signatures = [attempt!.signature, rival.signature];
  const { statuses } = await world.engine.chain.nodes[0]!.signatureStatuses(signatures, {
    searchHistory: true,
  });
  expect(statuses.filter((status) => status?.error === null)).toHaveLength(times);
  expect(statuses.filter((status) => status?.error?.kind === 'receiptExists')).toHaveLength(2 - times);
});

test('a strict order is filled like any other, and its fill includes the rent of the receipt', async () => {
  const order = await world.submit({ executionGuard: 'strict' });
  await world.advanceUntil(order, 'confirmed');
  const { fill, request } = await world.order(order);
  const seed = await world.engine.signer.receiptSeed(request.orderId);
  const receipt = await world.engine.chain.receipt(world.engine.signer.address, seed);
  expect(fill?.fees.rentLamports).toBe(receipt.lamports);
  await world.admin('advance', { slots: 40 });
  const { lamports } = await world.engine.chain.nodes[0]!.finalizedLamports([receipt.address]);
  expect(lamports).toEqual([receipt.lamports]);
});
