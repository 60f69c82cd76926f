import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import { heightAfter } from '../src/domain/block-height.ts';
import { toSignature } from '../src/domain/signature.ts';
import { type Blockable, proveBlocked, sendBlockers } from '../src/execution/attempts/block-attempts.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { executeOrder } from '../src/execution/execute-order.ts';
import { askAboutPast } from '../src/execution/start-engine.ts';
import type { SignatureStatus, Simulation } from '../src/ports/chain.ts';
import type { Blocker, StoredReceipt } from '../src/ports/receipt-store.ts';
import { idleNode, lyingNode } from './support/lying-node.ts';
import { recordingLog } from './support/recording-log.ts';
import { leaveOrder } from './support/stored-order.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const candidate = (name: string, signingSlot = 10n): Blockable => ({
  attempt: { signature: name, signingSlot } as Attempt,
  receipt: { address: `receipt of ${name}` } as StoredReceipt,
});

interface Knows {
  /** Names whose receipt stands. */
  readonly standing?: readonly string[];
  readonly statuses?: Readonly<Record<string, SignatureStatus | null>>;
  /** Of the accounts, and of the statuses. */
  readonly slots?: readonly [accounts: bigint, statuses: bigint];
  readonly firstSlot?: bigint;
}

const nodeThat = ({ standing = [], statuses = {}, slots = [50n, 50n], firstSlot = 10n }: Knows) =>
  idleNode({
    name: 'n',
    finalizedLamports: async (addresses) => {
      if (addresses.length > 100) throw new Error('too many');
      const held = standing.map((name) => `receipt of ${name}`);
      return {
        contextSlot: slots[0],
        lamports: addresses.map((address) => (held.includes(address) ? 1n : 0n)),
      };
    },
    firstAvailableSlot: async () => firstSlot,
    signatureStatuses: async (signatures) => ({
      contextSlot: slots[1],
      statuses: signatures.map((signature) => statuses[signature] ?? null),
    }),
  });

async function proved(candidates: Blockable[], ...nodes: (Knows | Error)[]) {
  const { world, lines } = await createAsking(...nodes);
  return { names: await namesProved(world, candidates), lines };
}

async function createAsking(...nodes: (Knows | Error)[]) {
  const { log, lines } = recordingLog();
  const world = await createWorld({
    log,
    nodes: () =>
      nodes.map((node) =>
        node instanceof Error
          ? idleNode({ name: 'away', finalizedLamports: () => Promise.reject(node) })
          : nodeThat(node),
      ),
  });
  return { world, lines };
}

const namesProved = async ({ engine }: TestWorld, candidates: Blockable[]): Promise<string[]> =>
  (await proveBlocked(engine, candidates)).map(({ signature }) => signature);

describe('an attempt is proved blocked', () => {
  const landed = { slot: 9n, commitment: 'finalized', error: null } as const;
  const failed = { ...landed, error: { kind: 'receiptExists', text: 'x' } } as const;

  test('where its receipt exists, and the node knows no status or a failure of the attempt', async () => {
    const knows = { standing: ['b', 'c', 'd'], statuses: { c: failed, d: landed } };
    expect(
      (
        await proved(
          ['a', 'b', 'c', 'd'].map((name) => candidate(name)),
          knows,
        )
      ).names,
    ).toEqual(['b', 'c']);
  });

  test.each([
    ['the answer is of the same slot', { slots: [50n, 50n] }, ['a']],
    ['the answer is older than the receipt', { slots: [50n, 49n] }, []],
    ['the history begins at the signing', { firstSlot: 10n }, ['a']],
    ['the history begins after it', { firstSlot: 11n }, []],
    ['the receipt does not stand', { standing: [] }, []],
  ] as [string, Knows, string[]][])('or is not, where %s', async (_, knows, names) => {
    expect((await proved([candidate('a')], { standing: ['a'], ...knows })).names).toEqual(names);
  });

  test('when a second node agrees, and an error is no answer', async () => {
    const yes = { standing: ['a'] };
    const no = { standing: [] };
    const away = new Error('away');
    expect((await proved([candidate('a')], yes, no)).names).toEqual([]);
    expect((await proved([candidate('a')], yes, no, yes)).names).toEqual(['a']);
    const { names, lines } = await proved([candidate('a')], yes, away);
    expect(names).toEqual([]);
    expect(lines).toMatchObject([{ level: 'warn', fields: { node: 'away', error: away } }]);
    expect((await proved([candidate('a')], away)).names).toEqual([]);
  });

  test("not by an answer that lacks a finalized transaction within the node's history, which stops signing", async () => {
    const knows = { standing: ['a'] };
    const provedWhere = async (answer: Knows) => {
      const { world } = await createAsking(answer);
      await world.engine.remembered.look();
      const signature = toSignature('final');
      await leaveOrder(world.engine, { attempt: { signature }, landedAt: 10n, isFinal: true });
      const names = await namesProved(world, [candidate('a')]);
      await world.clock.advance(0);
      return { names, problem: world.engine.remembered.problem() };
    };
    expect(await provedWhere(knows)).toEqual({
      names: [],
      problem: expect.stringContaining('does not know the finalized order'),
    });
    expect(await provedWhere({ ...knows, statuses: { final: landed } })).toEqual({
      names: ['a'],
      problem: null,
    });
  });

  test('in batches of a hundred', async () => {
    const all = Array.from({ length: 250 }, (_, index) => `${index}`);
    const { names } = await proved(
      all.map((name) => candidate(name)),
      { standing: all },
    );
    expect(names).toEqual(all);
    expect((await proved([], { standing: all })).names).toEqual([]);
  });
});

describe('a blocker', () => {
  /** A strict order in flight that is to be canceled, with the receipt of its attempt as the store has it. */
  async function canceling() {
    const { log, lines } = recordingLog();
    const rehearsal: { fails?: Simulation } = {};
    const world = await createWorld({
      log,
      nodes: ({ chain: { anyNode } }) => [
        lyingNode(anyNode, { simulate: async (message) => rehearsal.fails ?? anyNode.simulate(message) }),
      ],
    });
    await askAboutPast(world.engine); // As a start does: nothing is signed before.
    world.losesSends();
    const { orderId } = (await world.submit({ executionGuard: 'strict' })).request;
    await executeOrder(world.engine, orderId);
    await cancelOrder(world.engine, orderId);
    lines.length = 0;
    return {
      ...{ world, lines, rehearsal, orderId },
      recorded: world.hooks.orders.calls('recordBlocker'),
      receipt: async () => (await world.engine.orders.receiptsToBlock([orderId]))[0]!,
      sent: () => world.sends.filter(({ memo }) => memo.endsWith('/cancel')).map(({ bytes }) => bytes),
    };
  }

  test('is recorded before it is sent, and logged', async () => {
    const { world, lines, orderId, recorded, receipt, sent } = await canceling();
    let beforeSend: Blocker | null = null;
    world.hooks.node('memory').meanwhile('send', async () => {
      beforeSend = (await receipt()).blocker;
    });
    await sendBlockers(world.engine, [await receipt()]);
    const { blocker } = await receipt();
    expect(recorded).toEqual([[orderId, blocker, null]]);
    expect(beforeSend).toEqual(blocker);
    expect(sent()).toEqual([blocker?.bytes]);
    expect(lines).toMatchObject([{ level: 'info', fields: { orderId, signature: blocker?.signature } }]);
  });

  test('stays the recorded one while that can still land, and is then replaced', async () => {
    const { world, orderId, recorded, receipt, sent } = await canceling();
    await sendBlockers(world.engine, [await receipt()]);
    const first = await receipt();
    await sendBlockers(world.engine, [first]);
    expect(recorded).toHaveLength(1);
    expect(sent()).toEqual([first.blocker?.bytes, first.blocker?.bytes]);
    const { anyNode } = world.chain.chain;
    const dead = heightAfter(first.blocker!.lastValidBlockHeight, 1n);
    while ((await anyNode.finalizedEpoch()).blockHeight < dead) world.chain.produceBlock();
    await sendBlockers(world.engine, [first]);
    const { blocker } = await receipt();
    expect(recorded.slice(1)).toEqual([[orderId, blocker, first.blocker?.signature]]);
    expect(sent().slice(2)).toEqual([blocker?.bytes]);
    expect(blocker?.signature).not.toBe(first.blocker?.signature);
  });

  test('is not sent where it could not be recorded, is of another wallet, or fails its rehearsal', async () => {
    const { world, lines, rehearsal, orderId, recorded, receipt, sent } = await canceling();
    const unrecorded = await receipt();
    await sendBlockers(world.engine, [{ ...unrecorded, wallet: 'somebody' }]);
    rehearsal.fails = { outcome: 'failed', error: { kind: 'receiptExists', text: 'why' } };
    await sendBlockers(world.engine, [unrecorded]);
    expect([recorded, sent()]).toEqual([[], []]);
    expect(lines).toMatchObject([{ fields: { orderId, error: 'why' } }]);

    delete rehearsal.fails;
    await sendBlockers(world.engine, [unrecorded]);
    await world.slots(10); // Until then the blockhash is shared, and the second one would be the first again.
    await sendBlockers(world.engine, [unrecorded]); // The store has the first one by now, and keeps it.
    expect([recorded.length, sent().length]).toEqual([2, 1]);
  });
});
