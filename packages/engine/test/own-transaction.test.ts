import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import { toSignature } from '../src/domain/signature.ts';
import { settleFinalized, settleLanded } from '../src/execution/attempts/settle-landed.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { AnotherTransaction } from '../src/execution/proofs/own-transaction.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import type { SubmitRequest } from '../src/execution/submit-order.ts';
import type { ChainNode, LandedTransaction } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld } from './support/world.ts';

/** What a node shows, given what it should. */
type Lie = (landed: LandedTransaction) => LandedTransaction | null;

const honest: Lie = (landed) => landed;

const lying = (node: ChainNode, name: string, lie: () => Lie): ChainNode =>
  lyingNode(node, {
    name,
    async transaction(...question) {
      const landed = await node.transaction(...question);
      return landed && lie()(landed);
    },
  });

/** An order of 0.2 SOL whose transaction landed, and one of 5 SOL beside it; the first node lies about both, as it is told. */
async function twoLanded(request: Partial<SubmitRequest> = {}) {
  const lies: Lie[] = [honest, honest];
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    nodes: ({ chain }) =>
      ['first', 'second'].map((name, index) => lying(chain.anyNode, name, () => lies[index]!)),
  });
  const attempts: Attempt[] = [];
  for (const amount of ['0.2', '5']) {
    const { request: accepted } = await world.submit({ amount, ...(amount === '0.2' && request) });
    await askAboutPast(world.engine); // As a start does: nothing is signed before.
    await executeOrder(world.engine, accepted.orderId);
    attempts.push(...(await world.engine.orders.attempts(accepted.orderId)));
  }
  await world.slots(2);
  const tell = (lie: Lie, node: 'first' | 'second' = 'first'): void => {
    lies[node === 'first' ? 0 : 1] = lie;
  };
  /** An engine of which the first is the only node. */
  const alone = () => world.anotherProcess({ nodes: world.engine.chain.nodes.slice(0, 1) });
  const [small, large] = attempts as [Attempt, Attempt];
  const other = (await world.chain.chain.anyNode.transaction(large.signature, 'confirmed'))!;
  return { world, alone, small, large, other, lines, tell };
}

const dress =
  (other: LandedTransaction, ...parts: (keyof LandedTransaction)[]): Lie =>
  (landed) => ({ ...other, ...Object.fromEntries(parts.map((part) => [part, landed[part]])) });

test.each([
  ['as it is', []],
  ['under the signature that was asked for', ['signature']],
  ['under the signature and the memo that were asked for', ['signature', 'memo']],
] as const)('another order of 5 SOL, shown %s, does not fill one of 0.2 SOL', async (_, parts) => {
  const { world, small, other, lines, tell } = await twoLanded();
  tell(dress(other, ...parts));
  const settled = await settleLanded(world.engine, small);
  expect(settled).toMatchObject({ status: 'confirmed', fill: { amountIn: 200_000_000n } });
  expect(lines.some(({ message }) => message === 'node returned another transaction')).toBe(true);

  await world.slots(40);
  expect(await settleFinalized(world.engine, small)).toBeNull();
  expect(await settleFinalized(world.engine, small, { watchedMs: 60_001 })).toMatchObject({
    finalized: true,
    fill: { amountIn: 200_000_000n },
  });
});

test('an order waits while every node shows another transaction', async () => {
  const { world, alone, small, other, tell } = await twoLanded();
  tell(dress(other, 'signature', 'memo'));
  await expect(settleLanded(alone(), small)).rejects.toThrow(AnotherTransaction);
  expect((await world.engine.orders.get(small.orderId))?.status).toBe('submitted');
});

test.each<[string, Lie]>([
  ['memo', (landed) => ({ ...landed, memo: 'hello' })],
  ['missing memo', (landed) => ({ ...landed, memo: null })],
  ['payer', (landed) => ({ ...landed, payer: 'somebody' })],
  ['signature', (landed) => ({ ...landed, signature: toSignature('another') })],
])('a transaction with another %s is no answer', async (_, lie) => {
  const { alone, small, tell } = await twoLanded();
  tell(lie);
  await expect(settleLanded(alone(), small)).rejects.toThrow(/asked for \S+ of order/);
});

test.each<[string, Partial<SubmitRequest>, (change: number) => number]>([
  ['takes more than an exact input', {}, (units) => Math.ceil(units * 1.01)],
  [
    'brings less than an exact output',
    { swapMode: 'exactOut', amount: '30' },
    (units) => Math.floor(units * 0.9),
  ],
])('a transaction that %s is no answer', async (_, request, change) => {
  const { alone, small, tell } = await twoLanded(request);
  const { vaultsIn, vaultsOut } = small.fillAccounts;
  const vaults = request.swapMode === 'exactOut' ? vaultsOut : vaultsIn;
  tell((landed) => ({
    ...landed,
    tokens(address) {
      const held = landed.tokens(address);
      if (!held || !vaults.includes(address)) return held;
      return { before: held.before, after: held.before + BigInt(change(Number(held.after - held.before))) };
    },
  }));
  await expect(settleLanded(alone(), small)).rejects.toThrow(/allows at most \d+ and at least \d+/);
  tell(honest);
  expect(await settleLanded(alone(), small)).toMatchObject({ status: 'confirmed' });
});

describe('the finalized outcome', () => {
  const LIES: [string, Lie][] = [
    ['fee', (landed) => ({ ...landed, feeLamports: landed.feeLamports * 1_000n })],
    ['slot', (landed) => ({ ...landed, slot: 9_000_000_000_000n })],
  ];

  test.each(LIES)('has no %s that only one node of two reports', async (_, lie) => {
    const { world, small, tell } = await twoLanded();
    await settleLanded(world.engine, small);
    await world.slots(40);
    tell(lie);
    await expect(settleFinalized(world.engine, small)).rejects.toThrow('nodes disagree');
    tell(honest);
    const final = await settleFinalized(world.engine, small);
    expect(final).toMatchObject({ finalized: true });
    const landed = await world.chain.chain.anyNode.transaction(small.signature, 'finalized');
    expect(final).toMatchObject({
      slot: landed!.slot,
      fill: { fees: { networkLamports: landed!.feeLamports } },
    });
  });

  test('waits up to a minute for a node that does not show it as final yet', async () => {
    const { world, small, tell } = await twoLanded();
    await settleLanded(world.engine, small);
    await world.slots(40);
    tell(() => null, 'second');
    expect(await settleFinalized(world.engine, small, { watchedMs: 60_000 })).toBeNull();
    expect(await settleFinalized(world.engine, small, { watchedMs: 60_001 })).toMatchObject({
      finalized: true,
    });
  });

  test('comes from one node after a minute where the other is unreachable', async () => {
    const { world, small } = await twoLanded();
    await settleLanded(world.engine, small);
    await world.slots(40);
    world.cutsOff('second');
    expect(await settleFinalized(world.engine, small, { watchedMs: 60_000 })).toBeNull();
    expect(await settleFinalized(world.engine, small, { watchedMs: 60_001 })).toMatchObject({
      finalized: true,
    });
  });
});
