import { expect, test } from 'vitest';
import { splitTransaction } from '../src/adapters/memory/message.ts';
import { denyingNode } from './support/lying-node.ts';
import { createWorld, POOLS } from './support/world.ts';

/** How often each of three orders swapped in the chain, behind nodes of which the first so many lie. */
async function swapsBehind(liars: number, executionGuard: 'protocol' | 'strict'): Promise<number[]> {
  const world = await createWorld({
    nodes: (chain) =>
      [1, 2].map((number) => {
        const node = chain.nodeBehind(number <= liars ? `liar ${number}` : 'honest', () => 0);
        return number <= liars ? denyingNode(node) : node;
      }),
  });
  await world.start();
  const orders = await Promise.all([1, 2, 3].map(() => world.submit({ executionGuard })));
  await world.slots(700); // Three blockhashes and their finality.
  await world.stop();
  const isSwap = (account: string): boolean => POOLS.some(({ address }) => account.startsWith(`${address}/`));
  const memos = world.chain
    .landed()
    .filter(({ execution: { error, balances } }) => error === null && [...balances.keys()].some(isSwap))
    .map(({ execution }) =>
      new TextDecoder().decode(splitTransaction(world.chain.bytesOf(execution.signature)!).message),
    );
  return orders.map(
    ({ request }) => memos.filter((message) => message.includes(`"${request.orderId}/`)).length,
  );
}

test('two nodes that deny a landed transaction double a protocol order, and never a strict one', async () => {
  for (const swaps of await swapsBehind(2, 'protocol')) expect(swaps).toBeGreaterThan(1);
  expect(await swapsBehind(2, 'strict')).toEqual([1, 1, 1]);
});

test('one node of two that denies a landed transaction doubles no order', async () => {
  expect(await swapsBehind(1, 'protocol')).toEqual([1, 1, 1]);
  expect(await swapsBehind(1, 'strict')).toEqual([1, 1, 1]);
});
