import { describe, expect, test } from 'vitest';
import { decodeClosing, decodeMessage } from '../src/adapters/memory/message.ts';
import { blocksOf, toBlockHeight } from '../src/domain/block-height.ts';
import { computeUnitLimitOf, swapUnitLimitOf } from '../src/execution/building/compute-units.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import { keepClosingReceipts } from '../src/execution/upkeep/close-receipts.ts';
import type { Simulation } from '../src/ports/chain.ts';
import { RECEIPTS_PER_TRANSACTION } from '../src/ports/chain-limits.ts';
import { attemptOf, NO_KEYS, newTestOrder } from '../src/ports/order-store.suite.ts';
import { lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { leaveOrder } from './support/stored-order.ts';
import { TEST_LIMITS } from './support/test-limits.ts';
import { createWorld, WALLET } from './support/world.ts';
import type { Sent } from './support/world-verbs.ts';

type Height = readonly [slot: bigint, height: bigint] | Error;

/** A world whose store has receipts that are due, and whose nodes say how far they are. */
async function createClosing({
  heights = [[50n, 40n]],
  seenAtSlot = 50n,
  rehearsal = { outcome: 'succeeded', computeUnits: 1_000 },
}: {
  heights?: readonly Height[];
  seenAtSlot?: bigint;
  rehearsal?: Simulation;
} = {}) {
  const { log, lines } = recordingLog();
  const standing = new Set<string>();
  const world = await createWorld({
    log,
    limits: { closeReceiptsMs: 1_000 },
    nodes: ({ chain }) =>
      heights.map((height, index) =>
        lyingNode(chain.anyNode, {
          name: `n${index}`,
          finalizedEpoch: async () => {
            if (height instanceof Error) throw height;
            return { absoluteSlot: height[0], blockHeight: toBlockHeight(height[1]) };
          },
          finalizedLamports: async (addresses) => ({
            contextSlot: seenAtSlot,
            lamports: addresses.map((address) => (standing.has(address) ? 9n : 0n)),
          }),
          simulate: async () => rehearsal,
        }),
      ),
  });
  const { engine, hooks, clock } = world;
  await askAboutPast(engine); // As a start does: nothing is signed before.
  lines.length = 0;

  /** A receipt that nothing can create any more; it stands where that is said. */
  const leave = async (
    payer: string,
    stands: 'stands' | 'gone',
  ): Promise<{ orderId: string; address: string }> => {
    const { order, events } = newTestOrder();
    await engine.orders.submit(order, events, NO_KEYS);
    const { orderId } = order.request;
    const receipt = await world.chain.chain.receipt(payer, `seed of ${orderId}`);
    const { fillAccounts } = attemptOf(order, 1);
    const attempt = { lastValidBlockHeight: toBlockHeight(1n), fillAccounts: { ...fillAccounts, payer } };
    await leaveOrder(engine, { order, attempt, receipt, isCanceled: true });
    if (stands === 'stands') standing.add(receipt.address);
    return { orderId, address: receipt.address };
  };
  const life = new AbortController();
  const run = async (ms = 0) => {
    const ended = keepClosingReceipts(engine, life.signal);
    await clock.advance(ms);
    life.abort();
    await ended;
    return {
      lines,
      claims: hooks.orders
        .calls('claimReceiptsToClose')
        .map(([{ finalizedHeight }]) => blocksOf(finalizedHeight)),
      forgotten: hooks.orders.calls('forgetReceipts').flatMap(([orderIds]) => orderIds),
      closings: hooks.signer.calls('signReceipts').map(([message]) => readClosing(message)),
      sent: world.sends,
    };
  };
  return { hooks, leave, run };
}

function readClosing(message: Uint8Array) {
  const { computeUnitLimit, memo, instructions } = decodeMessage(message);
  return {
    units: computeUnitLimit,
    memo,
    closes: instructions.map(({ data }) => decodeClosing(data).address),
  };
}

describe('receipts that are due', () => {
  test('are closed if they exist, and forgotten if they do not', async () => {
    const { leave, run } = await createClosing();
    const [one, two] = [await leave(WALLET, 'gone'), await leave(WALLET, 'stands')];
    const { closings, forgotten, sent, lines } = await run();
    expect(closings).toEqual([{ units: 1_200, memo: 'close 1 receipts', closes: [two.address] }]);
    expect(forgotten).toEqual([one.orderId]);
    expect(sent).toHaveLength(1);
    const [{ signature }] = sent as [Sent];
    expect(lines).toMatchObject([{ level: 'info', fields: { signature, receipts: 1 } }]);
  });

  test('are claimed until none is left', async () => {
    const { leave, run } = await createClosing();
    const due: string[] = [];
    while (due.length <= RECEIPTS_PER_TRANSACTION) due.push((await leave(WALLET, 'gone')).orderId);
    const { claims, forgotten } = await run();
    expect([claims.length, forgotten]).toEqual([3, due]);
  });

  test('of another wallet are left open, logged, and kept in the store', async () => {
    const both = await createClosing();
    const one = await both.leave(WALLET, 'stands');
    await both.leave('somebody', 'stands');
    const { closings, forgotten, lines } = await both.run();
    expect([closings[0]?.closes, forgotten]).toEqual([[one.address], []]);
    expect(lines).toContainEqual({
      ...{ level: 'warn', message: 'receipts of another wallet left open' },
      fields: { receipts: 1 },
    });
    const foreign = await createClosing();
    await foreign.leave('somebody', 'stands');
    expect(await foreign.run()).toMatchObject({ closings: [], sent: [] });
    const none = await createClosing();
    await none.leave(WALLET, 'gone');
    expect(await none.run()).toMatchObject({ closings: [], lines: [] });
  });

  test('stay open where the node is behind', async () => {
    const { leave, run } = await createClosing({ seenAtSlot: 49n });
    await leave(WALLET, 'gone');
    expect((await run()).forgotten).toEqual([]);
  });

  test('are not sent to be closed where the rehearsal fails', async () => {
    const error = { kind: 'other', text: 'why' } as const;
    const { leave, run } = await createClosing({ rehearsal: { outcome: 'failed', error } });
    await leave(WALLET, 'stands');
    const { sent, lines } = await run();
    expect(sent).toEqual([]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { error: 'why' } }]);
  });
});

describe('how far the chain is final', () => {
  const away = new Error('away');
  test.each([
    ['the word of the only node', [[50n, 40n]], [40n]],
    [
      'of two the one behind',
      [
        [50n, 40n],
        [40n, 30n],
      ],
      [30n],
    ],
    [
      'of two the one behind, the other way round',
      [
        [40n, 30n],
        [50n, 40n],
      ],
      [30n],
    ],
    [
      'of three the second',
      [
        [40n, 30n],
        [30n, 20n],
        [50n, 40n],
      ],
      [30n],
    ],
    ['unknown where only one of two answers', [[50n, 40n], away], []],
    ['of three those two that answer', [away, [50n, 40n], [40n, 30n]], [30n]],
    ['unknown where nobody answers', [away], []],
  ] as [string, Height[], bigint[]][])('is %s', async (_, heights, claimed) => {
    const { claims, lines } = await (await createClosing({ heights })).run();
    expect(claims).toEqual(claimed);
    const failed = heights.flatMap((height, index) => (height instanceof Error ? [`n${index}`] : []));
    expect(lines).toMatchObject(failed.map((node) => ({ level: 'debug', fields: { node, error: away } })));
  });
});

test('a failed closing is logged, and tried again', async () => {
  const error = new Error('the store is away');
  const { hooks, run } = await createClosing();
  hooks.orders.fail('claimReceiptsToClose', error);
  const { claims, lines } = await run(2_000);
  expect(claims).toHaveLength(3);
  expect(lines).toMatchObject([1, 2, 3].map(() => ({ level: 'warn', fields: { error } })));
});

test('a closing requests compute units with a margin, up to the maximum', () => {
  const limits = { ...TEST_LIMITS, computeUnitMarginPercent: 20 };
  expect([1_001, 1_166_666, 1_166_667, 1_400_000].map((units) => computeUnitLimitOf(limits, units))).toEqual([
    1_202, 1_400_000, 1_400_000, 1_400_000,
  ]);
  expect(computeUnitLimitOf(limits, 1_166_665)).toBe(1_399_998);
  expect(computeUnitLimitOf(limits)).toBe(1_400_000);
});

/** As seen on the devnet: units of most swaps, legs, and units of one that updates the observation of the price in each pool. */
test.each([
  [16_131, 1, 19_056],
  [28_313, 2, 34_177],
  [30_693, 1, 37_218],
])(
  'a swap that used %i units over %i legs may use what its programs need now and then',
  (units, legs, most) => {
    expect(swapUnitLimitOf(TEST_LIMITS, units, legs)).toBeGreaterThan(most + 5_000);
  },
);
