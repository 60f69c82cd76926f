import { afterEach, expect, test } from 'vitest';
import { AnotherChain } from '../src/ports/chain.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, type TestWorld } from './support/world.ts';

let world: TestWorld;
afterEach(() => world?.stop());

const HOME = 'memory';

async function start() {
  const { log, lines } = recordingLog();
  world = await createWorld({ log });
  await world.start();
  return lines.filter.bind(lines) as typeof lines.filter;
}

const signingTo = (genesis: string) => ({ node: 'memory', genesis, expected: HOME });

test('the engine signs nothing while a node answers for another chain, and orders continue when it is right again', async () => {
  const linesWhere = await start();
  world.chain.faults.answersAs = 'elsewhere';
  await world.slots(20);
  expect(linesWhere(({ level }) => level === 'error')).toEqual([
    {
      level: 'error',
      message: 'node answers for another chain, nothing is signed',
      fields: signingTo('elsewhere'),
    },
  ]);
  expect([...world.engine.chain.identity.strangers.keys()]).toEqual(['memory']);
  await expect(world.engine.signer.sign(new Uint8Array(), {} as never)).rejects.toThrow(AnotherChain);
  await expect(world.engine.signer.signReceipts(new Uint8Array(), {} as never)).rejects.toThrow(AnotherChain);

  world.chain.faults.answersAs = HOME;
  await world.slots(20);
  expect(linesWhere(({ message }) => message === 'node answers for the right chain again')).toHaveLength(1);
  expect(world.engine.chain.identity.strangers.size).toBe(0);
  const order = await world.submit();
  await world.settle([order]);
  expect((await world.order(order)).status).toBe('confirmed');
});

test.each(['protocol', 'strict'] as const)(
  'a %s order in flight is neither closed nor signed anew while every node answers for another chain',
  async (executionGuard) => {
    await start();
    world.losesSends();
    const order = await world.submit({ executionGuard });
    await world.slots(1);
    expect((await world.order(order)).status).toBe('submitted');
    world.chain.faults.answersAs = 'elsewhere';
    await world.slots(400);
    const attempts = await world.engine.orders.attempts(order.request.orderId);
    expect(attempts.map(({ state }) => state)).toEqual(['open']);

    world.chain.faults.answersAs = HOME;
    world.takesSends();
    await world.settle([order]);
    expect((await world.order(order)).status).toBe('confirmed');
    expect((await world.engine.orders.attempts(order.request.orderId)).map(({ state }) => state)).toEqual([
      'expired',
      'landed',
    ]);
  },
);

test('a second alarm about the same node is logged again', async () => {
  const linesWhere = await start();
  for (const answersAs of ['elsewhere', HOME, 'elsewhere']) {
    world.chain.faults.answersAs = answersAs;
    await world.slots(20);
  }
  expect(linesWhere(({ level }) => level === 'error')).toHaveLength(2);
});
