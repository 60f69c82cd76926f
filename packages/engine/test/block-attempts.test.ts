import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/domain/attempt.ts';
import { ChainTime } from '../src/domain/chain-time.ts';
import { NEVER } from '../src/domain/moment.ts';
import { toOrderId } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import { type Blockable, proveBlocked, sendBlockers } from '../src/execution/attempts/block-attempts.ts';
import type { WithMarket } from '../src/execution/market/market-watch.ts';
import type { WithRememberedOrders } from '../src/execution/proofs/remembered-orders.ts';
import type { ChainNode, SignatureStatus, Simulation } from '../src/ports/chain.ts';
import type { FinalizedOrder } from '../src/ports/order-store.ts';
import type { Blocker, StoredReceipt } from '../src/ports/receipt-store.ts';
import { recordingLog } from './support/recording-log.ts';
import { TEST_LIMITS } from './support/test-limits.ts';

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
  ({
    name: 'n',
    finalizedLamports: async (addresses: readonly string[]) => {
      if (addresses.length > 100) throw new Error('too many');
      const held = standing.map((name) => `receipt of ${name}`);
      return {
        contextSlot: slots[0],
        lamports: addresses.map((address) => (held.includes(address) ? 1n : 0n)),
      };
    },
    firstAvailableSlot: async () => firstSlot,
    signatureStatuses: async (signatures: readonly string[]) => ({
      contextSlot: slots[1],
      statuses: signatures.map((signature) => statuses[signature] ?? null),
    }),
  }) as unknown as ChainNode;

let final: FinalizedOrder[] = [];

async function proved(candidates: Blockable[], ...nodes: (Knows | Error)[]) {
  const { log, lines } = recordingLog();
  const chain = {
    nodes: nodes.map((node) =>
      node instanceof Error
        ? ({ name: 'away', finalizedLamports: () => Promise.reject(node) } as unknown as ChainNode)
        : nodeThat(node),
    ),
  };
  const remembered = { newest: async () => final, look: async () => {} };
  const attempts = await proveBlocked(
    { log, chain, remembered } as unknown as WithRememberedOrders,
    candidates,
  );
  return { names: attempts.map(({ signature }) => signature), lines };
}

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

  test("not by an answer that lacks a finalized transaction within the node's history", async () => {
    final = [{ orderId: toOrderId('o'), signature: toSignature('final'), slot: 10n }];
    const knows = { standing: ['a'] };
    expect((await proved([candidate('a')], knows)).names).toEqual([]);
    expect((await proved([candidate('a')], { ...knows, statuses: { final: landed } })).names).toEqual(['a']);
    final = [];
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
  const known = { signature: 'old', bytes: new Uint8Array([1]), lastValidBlockHeight: 40n } as Blocker;

  async function sentFor(options: {
    blocker?: Blocker | null;
    height?: bigint;
    wallet?: string;
    rehearsal?: Simulation;
    records?: boolean;
  }) {
    const { log, lines } = recordingLog();
    const sent: unknown[] = [];
    const recorded: unknown[] = [];
    const node = {
      name: 'n',
      finalizedEpoch: async () => ({ blockHeight: options.height ?? 40n, absoluteSlot: 1n }),
      latestBlockhash: async () => ({ blockhash: 'h', lastValidBlockHeight: 99n, slot: 9n }),
      simulate: async () => options.rehearsal ?? { outcome: 'succeeded', computeUnits: 1_000 },
      send: async (bytes: unknown) => void sent.push(bytes),
    };
    const bytes = new Uint8Array([2]);
    const world = {
      log,
      limits: TEST_LIMITS,
      chain: { anyNode: node, nodes: [node], compile: (parts: unknown) => parts },
      signer: { address: 'me', signReceipts: async () => ({ signature: 'new', bytes }) },
      orders: {
        recordBlocker: async (...input: unknown[]) => {
          recorded.push(input);
          return options.records ?? true;
        },
      },
      clock: { moment: () => NEVER },
      market: { time: new ChainTime() },
    } as unknown as WithMarket;
    const blocker = options.blocker ?? null;
    const receipt = { orderId: 'o', wallet: options.wallet ?? 'me', blocker } as StoredReceipt;
    await sendBlockers(world, [receipt]);
    return { sent, recorded, lines, made: { signature: 'new', bytes, lastValidBlockHeight: 99n } };
  }

  test('is recorded before it is sent, and logged', async () => {
    const { sent, recorded, lines, made } = await sentFor({});
    expect([recorded, sent]).toEqual([[['o', made, null]], [made.bytes]]);
    expect(lines).toMatchObject([{ level: 'info', fields: { orderId: 'o', signature: 'new' } }]);
  });

  test('stays the recorded one while that can still land, and is then replaced', async () => {
    const again = await sentFor({ blocker: known });
    expect([again.recorded, again.sent]).toEqual([[], [known.bytes]]);
    const { recorded, sent, made } = await sentFor({ blocker: known, height: 41n });
    expect([recorded, sent]).toEqual([[['o', made, 'old']], [made.bytes]]);
  });

  test('is not sent where it could not be recorded, is of another wallet, or fails its rehearsal', async () => {
    expect((await sentFor({ records: false })).sent).toEqual([]);
    const foreign = await sentFor({ wallet: 'somebody' });
    expect([foreign.recorded, foreign.sent]).toEqual([[], []]);
    const error = { kind: 'receiptExists', text: 'why' } as const;
    const failed = await sentFor({ rehearsal: { outcome: 'failed', error } });
    expect([failed.recorded, failed.sent]).toEqual([[], []]);
    expect(failed.lines).toMatchObject([{ fields: { orderId: 'o', error: 'why' } }]);
  });
});
