import { afterEach, expect, test } from 'vitest';
import type { Order } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import { type ChainNode, ChainUnavailable, type ListedTransaction } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { type RestorableWorld, restorable } from './support/restorable-world.ts';

let world: RestorableWorld;
let pagesAsked: number;
/** What the only node does with the list of the wallet's transactions. */
let list: (honest: readonly ListedTransaction[]) => readonly ListedTransaction[];
/** Who paid, by what the node shows; null is the truth. */
let payer: string | null;
const { log, lines } = recordingLog();
afterEach(() => world?.stop());

function whimsical(node: ChainNode): ChainNode {
  return lyingNode(node, {
    async transactionsOf(address, page) {
      pagesAsked += 1;
      return list(await node.transactionsOf(address, page));
    },
    async transaction(signature, commitment) {
      const shown = await node.transaction(signature, commitment);
      return shown && { ...shown, payer: payer ?? shown.payer };
    },
  });
}

const REFUSAL = /unknown transactions on the chain, signing stopped: start with --recovered/;
const said = () =>
  lines.filter(({ message }) => message.includes('unknown transactions on the chain, signing stopped'));

/** A backup in which an order is pending; since then it landed, and that is final. */
async function landedSince(): Promise<Order> {
  lines.length = 0;
  pagesAsked = 0;
  list = (honest) => honest;
  payer = null;
  world = await restorable({ log, nodes: ({ chain }) => [whimsical(chain.nodes[0]!)] });
  const order = await world.submit();
  const backup = await world.backUp([order]);
  await world.start();
  await world.settle([order]);
  await world.slots(80);
  await world.restore(backup);
  pagesAsked = 0;
  return order;
}

test('an engine whose database is older than the chain signs nothing until a start with --recovered', async () => {
  const order = await landedSince();
  await world.start();
  await world.slots(100);
  expect(world.swapsOf(order)).toBe(1);
  expect(await world.engine.orders.attempts(order.request.orderId)).toEqual([]);
  expect(world.engine.unknown.problem()).toMatch(REFUSAL);
  expect(world.engine.remembered.problem()).toBeNull();
  expect(said()).toHaveLength(1);
  expect(said()[0]).toMatchObject({ level: 'error', fields: { orderId: order.request.orderId } });
  expect(pagesAsked).toBeLessThan(10);

  await world.die();
  await world.recover();
  await world.start();
  await world.slots(100);
  expect(world.engine.unknown.problem()).toBeNull();
  expect(world.swapsOf(order)).toBe(1);
  const next = await world.submit();
  await world.settle([next]);
  expect(world.swapsOf(next)).toBe(1);
});

test('an order that was swapped twice stops no later start once --recovered has kept its other transaction', async () => {
  const order = await landedSince();
  list = () => [];
  await world.start();
  await world.settle([order]);
  await world.slots(80);
  expect(world.swapsOf(order)).toBe(2);
  list = (honest) => honest;
  await world.crash();
  expect(world.engine.unknown.problem()).toMatch(REFUSAL);

  await world.die();
  await world.recover();
  expect(await world.recoveries.lost()).toMatchObject([{ orderId: order.request.orderId, failed: false }]);
  await world.start();
  expect(world.engine.unknown.problem()).toBeNull();
});

test('transactions of orders that the database lacks do not stop signing', async () => {
  await landedSince();
  await world.restore(await world.backUp([]));
  await world.start();
  expect(world.engine.unknown.problem()).toBeNull();
});

test('a memo that another wallet copied does not stop signing', async () => {
  await landedSince();
  payer = 'Another wallet';
  await world.start();
  expect(world.engine.unknown.problem()).toBeNull();
  expect(lines.map(({ message }) => message)).toContain(
    'transaction of another wallet names an order in its memo',
  );
});

test('the engine asks a failing node again and signs nothing before its answer, and asks for a good answer once', async () => {
  await landedSince();
  await world.restore(await world.backUp([]));
  list = () => {
    throw new ChainUnavailable('away');
  };
  await world.start();
  const order = await world.submit();
  await world.slots(10);
  expect(world.engine.unknown.problem()).toMatch(/could not be compared with the database: away/);
  expect(await world.engine.orders.attempts(order.request.orderId)).toEqual([]);
  list = (honest) => honest;
  await world.settle([order]);
  expect(world.swapsOf(order)).toBe(1);
  const asked = pagesAsked;
  await world.slots(100);
  expect(pagesAsked).toBe(asked);
});

test('the engine asks again for a transaction that a node lists and no node shows', async () => {
  const order = await landedSince();
  const { orderId } = order.request;
  list = () => [{ signature: toSignature('invented'), slot: 1n, failed: false, memo: `[38] ${orderId}/1` }];
  await world.start();
  expect(world.engine.unknown.problem()).toMatch(/no node shows transaction invented/);
  list = () => [];
  await world.slots(10);
  expect(world.engine.unknown.problem()).toBeNull();
});
