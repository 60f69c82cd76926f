import { describe, expect, test } from 'vitest';
import { toBlockHeight } from '../src/domain/block-height.ts';
import { toOrderId } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import {
  newestHorizon,
  RecoveryImpossible,
  readWalletHistory,
  untilAnswered,
} from '../src/execution/recovery/read-wallet-history.ts';
import { type ChainNode, ChainUnavailable, type ListedTransaction } from '../src/ports/chain.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { createWorld, WALLET } from './support/world.ts';

const ORDER = '01890000-0000-7000-8000-000000000001';
const OTHER = '01890000-0000-7000-8000-000000000002';

const listed = (signature: string, slot: bigint, memo: string | null): ListedTransaction => ({
  ...{ signature: toSignature(signature), slot, failed: false },
  memo: memo && `[${memo.length}] ${memo}`,
});

/** A node that has finalized everything, with these transactions, newest first, in pages of two. */
const nodeWith = (transactions: readonly ListedTransaction[], change: Partial<ChainNode> = {}) => ({
  finalizedEpoch: async () => ({ absoluteSlot: 90n, blockHeight: 80n }) as never,
  firstAvailableSlot: async () => 0n,
  transactionsOf: async (address: string, { before }: { before: string | null }) => {
    if (address !== WALLET) return [];
    const start = before === null ? 0 : transactions.findIndex(({ signature }) => signature === before) + 1;
    return transactions.slice(start, start + 2);
  },
  ...change,
});

async function createRestored(...nodes: Partial<ChainNode>[]) {
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    nodes: ({ chain }) =>
      nodes.map((lies, index) => lyingNode(chain.anyNode, { name: `n${index}`, ...lies })),
  });
  const read = (horizon = 79n, firstSlot = 0n) =>
    readWalletHistory(world.engine, toBlockHeight(horizon), firstSlot);
  return { ...world, lines, read };
}

describe('the history of the wallet', () => {
  test('joins our transactions from all nodes, by order, the oldest first', async () => {
    const [a, b, c] = [
      listed('a', 1n, `${ORDER}/1`),
      listed('b', 2n, `${OTHER}/12`),
      listed('c', 3n, `${ORDER}/2`),
    ];
    const { read } = await createRestored(nodeWith([c, b]), nodeWith([c, b, a]));
    expect(await read()).toEqual(
      new Map([
        [
          ORDER,
          [
            { ...a, orderId: ORDER, attemptNumber: 1 },
            { ...c, orderId: ORDER, attemptNumber: 2 },
          ],
        ],
        [OTHER, [{ ...b, orderId: OTHER, attemptNumber: 12 }]],
      ]),
    );
  });

  test.each([
    null,
    'a gift',
    `${ORDER}/cancel`,
    `${ORDER}/1234567`,
    `${ORDER}/1x`,
    `${ORDER}/`,
    `x${ORDER}/1`,
    `${ORDER.slice(1)}/1`,
    ORDER.toUpperCase().replace('8', 'G'),
  ])('leaves out the memo %j', async (memo) => {
    const { read } = await createRestored(nodeWith([listed('a', 1n, memo)]));
    expect(await read()).toEqual(new Map());
  });

  test('finds our memo among others', async () => {
    const memo = `[5] first; [40] ${ORDER}/3; [4] last`;
    const { read } = await createRestored(nodeWith([{ ...listed('a', 1n, null), memo }]));
    expect((await read()).get(toOrderId(ORDER))).toMatchObject([{ attemptNumber: 3 }]);
  });

  test('is read until a page is older than the first slot, which is included', async () => {
    const all = [9n, 8n, 7n, 6n, 5n, 4n, 3n].map((slot) => listed(`s${slot}`, slot, `${ORDER}/${slot}`));
    const { read, hooks } = await createRestored(nodeWith(all));
    const asked = hooks.node('n0').calls('transactionsOf');
    await read(79n, 6n);
    expect(asked.map(([, { before }]) => before)).toEqual([null, 's8', 's6']);
    expect(new Set(asked.map(([, { minSlot }]) => minSlot))).toEqual(new Set([90n]));
    asked.length = 0;
    await read();
    expect(asked.map(([, { before }]) => before)).toEqual([null, 's8', 's6', 's4', 's3']);
  });

  test('waits until a node has finalized more than the horizon', async () => {
    let blockHeight = 79n;
    const finalizedEpoch = async () => ({ absoluteSlot: 90n, blockHeight }) as never;
    const { read, clock } = await createRestored(nodeWith([], { finalizedEpoch }));
    let isRead = false;
    void read().then(() => {
      isRead = true;
    });
    await clock.advance(5_000);
    expect(isRead).toBe(false);
    blockHeight = 80n;
    await clock.advance(999);
    expect(isRead).toBe(false);
    await clock.advance(1);
    expect(isRead).toBe(true);
  });

  test('must reach back to the first slot at two nodes, or at the only node', async () => {
    const [long, short] = [
      nodeWith([], { firstAvailableSlot: async () => 5n }),
      nodeWith([], { firstAvailableSlot: async () => 6n }),
    ];
    await expect((await createRestored(long)).read(79n, 5n)).resolves.toEqual(new Map());
    await expect((await createRestored(long, short, long)).read(79n, 5n)).resolves.toEqual(new Map());
    for (const nodes of [[short], [long, short], [short, long, short]]) {
      const { read, lines } = await createRestored(...nodes);
      await expect(read(79n, 5n)).rejects.toThrow(RecoveryImpossible);
      await expect(read(79n, 5n)).rejects.toThrow(/does not reach back to slot 5,/);
      expect(lines[0]).toMatchObject({ level: 'warn', fields: { begins: 6n, firstSlot: 5n } });
    }
  });
});

test('the horizon is the furthest that any node names', async () => {
  const naming = (lastValidBlockHeight: bigint) => ({
    latestBlockhash: async () => ({ blockhash: 'h', lastValidBlockHeight }) as never,
  });
  const { engine } = await createRestored(naming(4n), naming(9n), naming(7n));
  expect(await newestHorizon(engine)).toBe(9n);
});

describe('a chain that is unavailable', () => {
  test('is asked again each second, and each time is logged', async () => {
    const { engine, clock, lines } = await createRestored(nodeWith([]));
    let asked = 0;
    let answer: string | undefined;
    void untilAnswered(engine, 'ask', async () => {
      asked += 1;
      if (asked < 3) throw new ChainUnavailable('away');
      return 'here';
    }).then((text) => {
      answer = text;
    });
    await clock.advance(1_999);
    expect([asked, answer]).toEqual([2, undefined]);
    await clock.advance(1);
    expect([asked, answer]).toEqual([3, 'here']);
    expect(lines).toMatchObject(
      [1, 2].map(() => ({ level: 'warn', fields: { what: 'ask', error: new ChainUnavailable('away') } })),
    );
  });

  test('is not assumed for any other error', async () => {
    const { engine } = await createRestored(nodeWith([]));
    await expect(untilAnswered(engine, 'ask', () => Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
  });
});
