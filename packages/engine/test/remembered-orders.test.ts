import { afterEach, expect, test } from 'vitest';
import type { ChainNode } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
afterEach(() => world?.stop());

/** What each node does from now on: nothing of its own, deny every signature, or keep no history before a slot. */
type Whim = 'honest' | 'denies' | 'forgets' | 'isBehind';
let whims: [Whim, Whim];

const { log, lines } = recordingLog();
const said = (message: string) => lines.filter((line) => line.message === message);
const MISSING = 'a finalized order is missing from the chain, nothing is signed';

function whimsical(node: ChainNode, index: 0 | 1): ChainNode {
  return lyingNode(node, {
    name: `node-${index + 1}`,
    firstAvailableSlot: async () =>
      whims[index] === 'forgets' ? 1_000_000n : await node.firstAvailableSlot(),
    async signatureStatuses(signatures, options) {
      const answer = await node.signatureStatuses(signatures, options);
      if (whims[index] === 'honest') return answer;
      const contextSlot = whims[index] === 'isBehind' ? 0n : answer.contextSlot;
      return { contextSlot, statuses: signatures.map(() => null) };
    },
  });
}

/** A world that has finalized an order and starts again after its nodes have changed their ways. */
async function restartWith(...after: [Whim, Whim]): Promise<void> {
  lines.length = 0;
  whims = ['honest', 'honest'];
  world = await createWorld({
    log,
    nodes: ({ chain }) => [whimsical(chain.nodes[0]!, 0), whimsical(chain.nodes[0]!, 1)],
  });
  await world.start();
  const order = await world.submit();
  await world.settle([order]);
  await world.slots(80);
  expect((await world.order(order)).finalized).toBe(true);
  await world.die();
  whims = after;
  await world.start();
}

async function attemptsOfNewOrder(): Promise<number> {
  const order = await world.submit();
  await world.slots(10);
  return (await world.engine.orders.attempts(order.request.orderId)).length;
}

test('the engine signs nothing on a chain that lacks a finalized order, and continues when the chain shows it', async () => {
  await restartWith('denies', 'denies');
  expect(await attemptsOfNewOrder()).toBe(0);
  expect(said(MISSING)).toHaveLength(1);
  expect(said(MISSING)[0]).toMatchObject({ level: 'error', fields: { nodes: ['node-1', 'node-2'] } });
  expect(world.engine.remembered.problem()).toMatch(/does not know the finalized order/);
  whims = ['honest', 'honest'];
  await world.slots(10);
  expect(world.engine.remembered.problem()).toBeNull();
  expect(await attemptsOfNewOrder()).toBe(1);
});

test('a node that denies a transaction which the other shows is reported and outvoted', async () => {
  await restartWith('denies', 'honest');
  expect(await attemptsOfNewOrder()).toBe(1);
  expect(said('a node denies a finalized order')[0]).toMatchObject({ fields: { nodes: ['node-1'] } });
});

test.each([
  ['denies', 'forgets'],
  ['denies', 'isBehind'],
] as const)('the engine signs nothing while one node %s and the other %s', async (first, second) => {
  await restartWith(first, second);
  expect(await attemptsOfNewOrder()).toBe(0);
});

test('the engine signs nothing while every node is behind the slot of the order', async () => {
  await restartWith('isBehind', 'isBehind');
  expect(await attemptsOfNewOrder()).toBe(0);
  expect(said(MISSING)).toEqual([]);
  expect(world.engine.remembered.problem()).toMatch(/no node has answered yet/);
});

test("the engine does not ask for an order older than every node's history", async () => {
  await restartWith('forgets', 'forgets');
  expect(world.engine.remembered.problem()).toBeNull();
});

test('a chain that loses blocks while the engine runs proves no absence, and stops signing', async () => {
  await restartWith('honest', 'honest');
  world.losesSends();
  const order = await world.submit();
  await world.slots(10);
  expect((await world.order(order)).status).toBe('submitted');
  whims = ['denies', 'denies'];
  await world.slots(300);
  expect((await world.order(order)).status).toBe('submitted');
  expect(world.engine.remembered.problem()).toMatch(/does not know the finalized order/);
  expect(await attemptsOfNewOrder()).toBe(0);
  whims = ['honest', 'honest'];
  await world.slots(10);
  expect(world.engine.remembered.problem()).toBeNull();
  expect(await world.statuses(order)).toContain('routing');
  expect((await world.engine.orders.attempts(order.request.orderId))[0]?.state).toBe('expired');
});
