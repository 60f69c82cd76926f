import { describe, expect, test } from 'vitest';
import { createManualClock } from '../src/adapters/memory/clock.ts';
import { type BlockHeight, blocksOf } from '../src/domain/block-height.ts';
import { computeUnitLimitOf } from '../src/execution/building/compute-units.ts';
import type { Ports } from '../src/execution/ports.ts';
import { keepClosingReceipts } from '../src/execution/upkeep/close-receipts.ts';
import type { Simulation } from '../src/ports/chain.ts';
import type { StoredReceipt } from '../src/ports/receipt-store.ts';
import { recordingLog } from './support/recording-log.ts';
import { TEST_LIMITS } from './support/test-limits.ts';

const receipt = (orderId: string, wallet = 'me') =>
  ({ orderId, wallet, address: `receipt of ${orderId}` }) as StoredReceipt;

type Height = readonly [slot: bigint, height: bigint] | Error;

/** One who closes receipts: what is due, what of it stands, how far nodes are, and what becomes of it. */
function createClosing(options: {
  due: StoredReceipt[][] | Error;
  standing?: readonly string[];
  heights?: readonly Height[];
  seenAtSlot?: bigint;
  rehearsal?: Simulation;
}) {
  const { due, standing = [], heights = [[50n, 40n]], seenAtSlot = 50n } = options;
  const clock = createManualClock();
  const { log, lines } = recordingLog();
  const claims: bigint[] = [];
  const forgotten: string[] = [];
  const closings: { units: number; memo: string; closes: string[] }[] = [];
  const sent: unknown[] = [];
  const node = {
    finalizedLamports: async (addresses: readonly string[]) => ({
      contextSlot: seenAtSlot,
      lamports: addresses.map((address) => (standing.includes(address) ? 9n : 0n)),
    }),
    latestBlockhash: async () => ({ blockhash: 'h', lastValidBlockHeight: 1n }),
    simulate: async () => options.rehearsal ?? { outcome: 'succeeded', computeUnits: 1_000 },
    send: async (bytes: unknown) => void sent.push(bytes),
  };
  const world = {
    clock,
    log,
    limits: { ...TEST_LIMITS, closeReceiptsMs: 1_000 },
    orders: {
      claimReceiptsToClose: async ({ finalizedHeight }: { finalizedHeight: BlockHeight }) => {
        claims.push(blocksOf(finalizedHeight));
        if (due instanceof Error) throw due;
        return due.shift() ?? [];
      },
      forgetReceipts: async (orderIds: readonly string[]) => void forgotten.push(...orderIds),
    },
    chain: {
      anyNode: node,
      nodes: heights.map((height, index) => ({
        name: `n${index}`,
        finalizedEpoch: async () => {
          if (height instanceof Error) throw height;
          return { absoluteSlot: height[0], blockHeight: height[1] };
        },
      })),
      closeReceipts: (owner: string, all: readonly StoredReceipt[]) =>
        all.map(({ address }) => `${owner} closes ${address}`),
      compile: (parts: { computeUnitLimit: number; memo: string; instructions: string[] }) => parts,
    },
    signer: {
      address: 'me',
      signReceipts: async (message: { computeUnitLimit: number; memo: string; instructions: string[] }) => {
        closings.push({
          units: message.computeUnitLimit,
          memo: message.memo,
          closes: message.instructions,
        });
        return { bytes: 'bytes', signature: 'signed' };
      },
    },
  } as unknown as Ports;
  const life = new AbortController();
  const run = async (ms = 0) => {
    const ended = keepClosingReceipts(world, life.signal);
    await clock.advance(ms);
    life.abort();
    await ended;
    return { lines, claims, forgotten, closings, sent };
  };
  return { run };
}

describe('receipts that are due', () => {
  const [one, two, other] = [receipt('1'), receipt('2'), receipt('3', 'somebody')];

  test('are closed if they exist, and forgotten if they do not', async () => {
    const { run } = createClosing({ due: [[one, two]], standing: [two.address] });
    const { closings, forgotten, sent, lines } = await run();
    expect(closings).toEqual([
      { units: 1_200, memo: 'close 1 receipts', closes: ['me closes receipt of 2'] },
    ]);
    expect([forgotten, sent]).toEqual([['1'], ['bytes']]);
    expect(lines).toMatchObject([{ level: 'info', fields: { signature: 'signed', receipts: 1 } }]);
  });

  test('are claimed until none is left', async () => {
    const { claims, forgotten } = await createClosing({ due: [[one], [two]] }).run();
    expect([claims.length, forgotten]).toEqual([3, ['1', '2']]);
  });

  test('of another wallet are left open, logged, and kept in the store', async () => {
    const both = createClosing({ due: [[one, other]], standing: [one.address, other.address] });
    const { closings, forgotten, lines } = await both.run();
    expect([closings[0]?.closes, forgotten]).toEqual([['me closes receipt of 1'], []]);
    expect(lines).toContainEqual({
      ...{ level: 'warn', message: 'receipts of another wallet left open' },
      fields: { receipts: 1 },
    });
    const foreign = await createClosing({ due: [[other]], standing: [other.address] }).run();
    expect([foreign.closings, foreign.sent]).toEqual([[], []]);
    const none = await createClosing({ due: [[one]] }).run();
    expect([none.closings, none.lines]).toEqual([[], []]);
  });

  test('stay open where the node is behind', async () => {
    const { run } = createClosing({ due: [[one]], standing: [], seenAtSlot: 49n });
    expect((await run()).forgotten).toEqual([]);
  });

  test('are not sent to be closed where the rehearsal fails', async () => {
    const error = { kind: 'other', text: 'why' } as const;
    const { run } = createClosing({
      ...{ due: [[one]], standing: [one.address], rehearsal: { outcome: 'failed', error } },
    });
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
    const { claims, lines } = await createClosing({ due: [], heights }).run();
    expect(claims).toEqual(claimed);
    const failed = heights.flatMap((height, index) => (height instanceof Error ? [`n${index}`] : []));
    expect(lines).toMatchObject(failed.map((node) => ({ level: 'debug', fields: { node, error: away } })));
  });
});

test('a failed closing is logged, and tried again', async () => {
  const error = new Error('the store is away');
  const { claims, lines } = await createClosing({ due: error }).run(2_000);
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
