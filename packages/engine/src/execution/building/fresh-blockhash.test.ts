import { expect, test } from 'vitest';
import { idleNode } from '../../../test/support/lying-node.ts';
import { createWorld } from '../../../test/support/world.ts';
import { toBlockHeight } from '../../domain/block-height.ts';
import { ChainTime } from '../../domain/chain-time.ts';
import { SharedReadings } from '../../domain/shared-readings.ts';
import type { Blockhash } from '../../ports/chain.ts';
import { msSince } from '../../ports/clock.ts';
import { freshBlockhash } from './fresh-blockhash.ts';

/** A chain at slot 1,000 with a pace of one slot in 100 ms, and nodes whose every answer is another blockhash. */
async function startChain(bend: (answer: Blockhash) => Blockhash = (answer) => answer) {
  const time = new ChainTime();
  const slotNow = () => 1_000n + BigInt(Math.floor(msSince(clock, startedAt) / 100));
  let asked = 0;
  const node = idleNode({
    async latestBlockhash() {
      asked += 1;
      const slot = slotNow();
      return bend({ blockhash: `hash ${asked}`, slot, lastValidBlockHeight: toBlockHeight(slot + 150n) });
    },
  });
  const { engine, clock } = await createWorld({ nodes: () => [node] });
  const startedAt = clock.moment();
  for (let step = 0; step < 20; step += 1) {
    time.slots.judge([slotNow()], clock.moment());
    time.horizons.judge([slotNow() + 150n], clock.moment());
    await clock.advance(100);
  }
  const market = { time, blockhashes: new SharedReadings<Blockhash>(2_500, () => time.slots.newest) };
  return {
    read: async () => (await freshBlockhash(engine, market)).blockhash,
    asked: () => asked,
    pass: (ms: number) => clock.advance(ms),
  };
}

test('orders share a blockhash, those that ask while it is being read too', async () => {
  const { read, asked } = await startChain();
  expect(new Set(await Promise.all([read(), read(), read()]))).toEqual(new Set(['hash 1']));
  expect(await read()).toBe('hash 1');
  expect(asked()).toBe(1);
});

test('orders need not wait for another before it is 2.5 s old', async () => {
  const { read, pass } = await startChain();
  expect(await read()).toBe('hash 1');
  await pass(2_499);
  expect(await read()).toBe('hash 1');
  expect(await read()).toBe('hash 2');
  await pass(2_500);
  expect(await read()).toBe('hash 3');
});

test('numbers that time does not allow are shared with no other order', async () => {
  const { read, asked } = await startChain((answer) => ({ ...answer, slot: answer.slot + 1_000n }));
  const outcomes = await Promise.allSettled([read(), read()]);
  expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true); // The only node says so twice.
  expect(new Set(outcomes.map((one) => one.status === 'fulfilled' && one.value)).size).toBe(2);
  expect(asked()).toBe(4);
});

test('a failure is shared with those who wait for it, and the next order asks again', async () => {
  let isAway = true;
  const { read, asked } = await startChain((answer) => {
    if (isAway) throw new Error('away');
    return answer;
  });
  const outcomes = await Promise.allSettled([read(), read()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  expect(await read()).toBe('hash 2');
  expect(asked()).toBe(2);
});
