import { beforeEach, describe, expect, test } from 'vitest';
import type { MemoryChain } from '../src/adapters/memory/chain.ts';
import type { Attempt } from '../src/domain/attempt.ts';
import { heightAfter } from '../src/domain/block-height.ts';
import { toOrderId } from '../src/domain/order.ts';
import { toSignature } from '../src/domain/signature.ts';
import { toEpochMs } from '../src/domain/timestamp.ts';
import type { Engine } from '../src/execution/engine.ts';
import { proveDropped, proveExpired } from '../src/execution/proofs/prove-absence.ts';
import { proveReverted } from '../src/execution/proofs/prove-reverted.ts';
import type { ChainNode, LandedTransaction, SignatureStatus } from '../src/ports/chain.ts';
import { lyingNode, unreachableNode } from './support/lying-node.ts';
import { recordCalls } from './support/recorded-calls.ts';
import { leaveOrder } from './support/stored-order.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const SIGNING_SLOT = 100n;

let world: TestWorld;
let chain: MemoryChain;
let node: ChainNode;
let attempt: Attempt;

beforeEach(async () => {
  world = await createWorld();
  chain = world.chain;
  node = chain.chain.anyNode;
  const { lastValidBlockHeight } = await node.latestBlockhash();
  attempt = {
    orderId: toOrderId('order'),
    attemptNumber: 1,
    signature: toSignature('never sent'),
    bytes: new Uint8Array(),
    lastValidBlockHeight,
    signingSlot: SIGNING_SLOT,
    fillAccounts: { payer: 'p', vaultsIn: [], vaultsOut: [], solIn: false, solOut: false, intermediates: [] },
    state: 'open',
    slot: null,
    finalized: false,
    recordedAtMs: toEpochMs(0),
  };
});

/** A process with these nodes. */
const worldOf = (...nodes: ChainNode[]): Engine => world.anotherProcess({ nodes });

/** An order that is final in the store, in this slot, and that the chain knows nothing of. */
const leaveFinal = (slot: bigint) =>
  leaveOrder(world.engine, { attempt: { signature: toSignature('final') }, landedAt: slot, isFinal: true });

/** Until the final block height is so far past (negative: before) the attempt's last valid one. */
async function passBy(blocks: bigint): Promise<void> {
  while ((await node.finalizedEpoch()).blockHeight < heightAfter(attempt.lastValidBlockHeight, blocks))
    chain.produceBlock();
}

const firstSlotAt = (slot: bigint): ChainNode => lyingNode(node, { firstAvailableSlot: async () => slot });

const behindFinal = (slots: bigint): ChainNode =>
  lyingNode(node, {
    signatureStatuses: async (signatures) => ({
      contextSlot: (await node.finalizedEpoch()).absoluteSlot - slots,
      statuses: signatures.map(() => null),
    }),
  });

const away = unreachableNode('away');

/** Shows this of every signature, or of those that it names. */
const showing = (status: SignatureStatus | null, named?: string): ChainNode =>
  lyingNode(node, {
    signatureStatuses: async (signatures) => ({
      contextSlot: chain.slot(),
      statuses: signatures.map((signature) => (signature === (named ?? signature) ? status : null)),
    }),
  });

const NOTHING = { absent: [], unprovable: [], known: new Map(), early: new Set() };
/** Nothing is proved, as a node says that these may still land. */
const tooEarly = (...attempts: Attempt[]) => ({ ...NOTHING, early: new Set(attempts) });

describe('an attempt is expired', () => {
  test('once the final height is past its last valid one, and not before', async () => {
    await passBy(0n);
    expect(await proveExpired(worldOf(node), [attempt])).toEqual(tooEarly(attempt));
    expect(await proveExpired(worldOf(away, node), [attempt])).toEqual(tooEarly(attempt));
    expect(await proveExpired(worldOf(away), [attempt])).toEqual(NOTHING);
    await passBy(1n);
    expect((await proveExpired(worldOf(node), [attempt])).absent).toEqual([attempt]);
  });

  test('only for a node that has reached the final slot', async () => {
    await passBy(1n);
    expect(await proveExpired(worldOf(behindFinal(1n)), [attempt])).toEqual(NOTHING);
    expect((await proveExpired(worldOf(behindFinal(0n)), [attempt])).absent).toEqual([attempt]);
  });

  test('only for a node whose history reaches back to its signing', async () => {
    await passBy(1n);
    expect(await proveExpired(worldOf(firstSlotAt(SIGNING_SLOT + 1n)), [attempt])).toMatchObject({
      absent: [],
      unprovable: [attempt],
    });
    expect(await proveExpired(worldOf(firstSlotAt(SIGNING_SLOT)), [attempt])).toMatchObject({
      absent: [attempt],
      unprovable: [],
    });
  });

  test('only if a second node agrees, where there is one; two of three are enough', async () => {
    await passBy(1n);
    expect(await proveExpired(worldOf(node, away), [attempt])).toEqual(NOTHING);
    expect((await proveExpired(worldOf(node, away, node), [attempt])).absent).toEqual([attempt]);
  });

  test("never while a node knows it, and the engine takes that node's status", async () => {
    await passBy(1n);
    const status: SignatureStatus = { slot: 101n, commitment: 'finalized', error: null };
    const verdict = await proveExpired(worldOf(node, showing(status)), [attempt]);
    expect(verdict).toEqual({ ...NOTHING, known: new Map([[attempt.signature, status]]) });
  });

  test('by a search in the history, at most 256 attempts at once, each once', async () => {
    await passBy(1n);
    const asked: string[][] = [];
    const watched = lyingNode(node, {
      signatureStatuses: (signatures, options) => {
        expect(options).toEqual({ searchHistory: true });
        asked.push([...signatures]);
        return node.signatureStatuses(signatures, options);
      },
    });
    const attempts = Array.from({ length: 512 }, (_, index) => ({
      ...attempt,
      signature: toSignature(`s${index}`),
    }));
    expect((await proveExpired(worldOf(watched), attempts)).absent).toEqual(attempts);
    expect(asked.map(({ length }) => length)).toEqual([256, 256]);
    expect(asked.flat()).toEqual(attempts.map(({ signature }) => signature));
  });

  test("not by an answer that lacks a finalized transaction within the node's history", async () => {
    await passBy(1n);
    await leaveFinal(SIGNING_SLOT);
    const engine = worldOf(node);
    const looks = recordCalls(engine.remembered, 'look');
    expect(await proveExpired(engine, [attempt])).toEqual(NOTHING);
    expect(looks).toHaveLength(1);
    const shown: SignatureStatus = { slot: SIGNING_SLOT, commitment: 'finalized', error: null };
    const showsFinal = showing(shown, 'final');
    expect((await proveExpired(worldOf(showsFinal), [attempt])).absent).toEqual([attempt]);
    expect((await proveExpired(worldOf(node, showsFinal), [attempt])).absent).toEqual([]);
    expect((await proveExpired(worldOf(node, showsFinal, showsFinal), [attempt])).absent).toEqual([attempt]);
  });

  test('by an answer that lacks a finalized transaction from before that history', async () => {
    await passBy(1n);
    await leaveFinal(SIGNING_SLOT - 1n);
    expect((await proveExpired(worldOf(firstSlotAt(SIGNING_SLOT)), [attempt])).absent).toEqual([attempt]);
  });

  test('and one beside it that can still land is not', async () => {
    await passBy(1n);
    const young = {
      ...attempt,
      signature: toSignature('young'),
      lastValidBlockHeight: heightAfter(attempt.lastValidBlockHeight, 9n),
    };
    expect(await proveExpired(worldOf(node), [young, attempt])).toMatchObject({
      ...{ absent: [attempt], early: new Set([young]) },
    });
  });
});

describe('a landed attempt was dropped', () => {
  test('if its status is gone once its slot is final, and not before', async () => {
    await passBy(1n);
    const { absoluteSlot } = await node.finalizedEpoch();
    const landedAt = (slot: bigint | null): Attempt => ({ ...attempt, state: 'landed', slot });
    for (const slot of [absoluteSlot + 1n, null]) {
      const landed = landedAt(slot);
      expect(await proveDropped(worldOf(node), [landed])).toEqual(tooEarly(landed));
    }
    const final = landedAt(absoluteSlot);
    expect((await proveDropped(worldOf(node), [final])).absent).toEqual([final]);
  });
});

describe('an attempt is reverted', () => {
  const error = { kind: 'slippage', text: 'ExceededSlippage' } as const;
  const final: SignatureStatus = { slot: 101n, commitment: 'finalized', error };
  const shown = {
    ...{
      signature: toSignature('never sent'),
      payer: 'p',
      memo: 'order/1',
      slot: 101n,
      error,
      feeLamports: 5_000n,
    },
    ...{ lamports: () => undefined, tokens: () => undefined, tokenAccounts: [] },
  } satisfies LandedTransaction;

  const reverting = (
    status: SignatureStatus | null = final,
    landed: LandedTransaction | null = shown,
  ): ChainNode => lyingNode(showing(status), { transaction: async () => landed });

  test('when its error is final', async () => {
    const alone = worldOf(reverting());
    expect(await proveReverted(alone, attempt, final)).toEqual({ slot: 101n, error });
    expect(await proveReverted(alone, attempt, { ...final, commitment: 'confirmed' })).toBeNull();
    expect(await proveReverted(alone, attempt, { ...final, error: null })).toBeNull();
  });

  test('only if two nodes show it, where there are two; an error of a node is no answer', async () => {
    const ask = (...others: ChainNode[]) => proveReverted(worldOf(reverting(), ...others), attempt, final);
    expect(await ask(away)).toBeNull();
    expect(await ask(reverting(null))).toBeNull();
    expect(await ask(reverting({ ...final, commitment: 'confirmed' }))).toBeNull();
    expect(await ask(reverting({ ...final, error: null }))).toBeNull();
    expect(await ask(reverting())).toEqual({ slot: 101n, error });
    expect(await ask(away, reverting(null), reverting())).toEqual({ slot: 101n, error });
  });

  test('only if they show the transaction itself with an error, and no other one', async () => {
    const ask = (landed: LandedTransaction | null) =>
      proveReverted(worldOf(reverting(final, landed), reverting(final, landed)), attempt, final);
    expect(await ask({ ...shown, error: null })).toBeNull();
    expect(await ask(null)).toBeNull();
    expect(await ask({ ...shown, memo: 'other/1' })).toBeNull();
    expect(await ask({ ...shown, signature: toSignature('another') })).toBeNull();
    expect(await ask(shown)).toEqual({ slot: 101n, error });
  });

  test('by a search in the history, for its own signature, and by what is final', async () => {
    const asked: unknown[] = [];
    const watched = lyingNode(node, {
      signatureStatuses: async (...question) => {
        asked.push(question);
        return { contextSlot: 0n, statuses: [final] };
      },
      transaction: async (...question) => {
        asked.push(question);
        return shown;
      },
    });
    expect(await proveReverted(worldOf(watched, watched), attempt, final)).toEqual({ slot: 101n, error });
    const questions = [
      [[attempt.signature], { searchHistory: true }],
      [attempt.signature, 'finalized'],
    ];
    expect(asked).toEqual([...questions, ...questions]);
  });
});
