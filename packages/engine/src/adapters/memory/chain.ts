import { SOL_MINT, type Token } from '../../domain/token.ts';
import {
  type Chain,
  type ChainNode,
  ChainUnavailable,
  type ListedTransaction,
  type MessageParts,
  type SignatureStatus,
} from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import type { Clock } from '../../ports/clock.ts';
import { createBlockHistory, type Landing } from './block-history.ts';
import { toLanded } from './landed-transaction.ts';
import { accountOfMint, createLedger, type Execution, type MemoryPool, RECEIPT_LAMPORTS } from './ledger.ts';
import { closeReceipt, decodeMessage, encodeMessage, receiptAddress, splitTransaction } from './message.ts';

export interface MemoryChainOptions {
  readonly pools: readonly MemoryPool[];
  readonly confirmAfterSlots?: number;
  readonly finalizeAfterSlots?: number;
  /** For how many blocks a blockhash is valid. */
  readonly blockhashBlocks?: number;
  /** `onSend`: a block follows every send at once. `manual`: blocks come from `produceBlock`. */
  readonly blocks: 'onSend' | 'manual';
  /** How many transactions it remembers, at least; without it all. */
  readonly keepLanded?: number;
  readonly genesisHash?: string;
}

/** What becomes of a send; tests bend it. */
export type SendFault = 'deliver' | 'drop' | 'deliverButFail';

const FIRST_SLOT = 100n;
const MAX_LISTED = 1_000;
const FORGET_AT_ONCE = 1_000;

/** A chain inside the process: blocks, commitment, blockhash expiry, forks. Implements the Chain port with one node. */
export function createMemoryChain(options: MemoryChainOptions) {
  const { confirmAfterSlots = 1, finalizeAfterSlots = 32, blockhashBlocks = 150 } = options;
  const { keepLanded = Number.POSITIVE_INFINITY, genesisHash = 'memory' } = options;
  const identity = createChainIdentity(genesisHash);
  const ledger = createLedger(options.pools);
  const history = createBlockHistory({
    confirmed: BigInt(confirmAfterSlots),
    finalized: BigInt(finalizeAfterSlots),
  });
  let slot = FIRST_SLOT;
  const mempool: Uint8Array[] = [];
  const sentBytes = new Map<string, Uint8Array>();
  const listeners = new Set<(slot: bigint) => void>();
  let firstSlot = 0n;
  /** `answersAs`: the chain that its nodes say they are of. */
  const faults = {
    send: (_bytes: Uint8Array): SendFault => 'deliver',
    down: false,
    answersAs: genesisHash,
  };
  let blockComing = false;

  /** Executes what was sent, moves one slot on and tells the listeners. */
  function produceBlock(): void {
    slot += 1n;
    for (const bytes of mempool.splice(0)) {
      const { signature, message } = splitTransaction(bytes);
      if (history.hasLanded(signature)) continue;
      const parts = decodeMessage(message);
      const execution = isTooOld(BigInt(parts.blockhash)) ? null : ledger.execute(signature, parts);
      if (!execution) continue;
      ledger.apply(execution);
      history.add(slot, execution);
      sentBytes.set(signature, bytes);
    }
    if (history.standing().length >= keepLanded + FORGET_AT_ONCE) forgetOld();
    for (const listener of listeners) listener(slot);
  }

  function forgetOld(): void {
    const old = history.keepNewest(keepLanded);
    for (const { execution } of old) sentBytes.delete(execution.signature);
    firstSlot = (old.at(-1)?.slot ?? firstSlot) + 1n;
  }

  const isTooOld = (hashSlot: bigint): boolean =>
    history.heightAt(slot) - history.heightAt(hashSlot) > BigInt(blockhashBlocks);

  /** Moves one slot on without a block: the slot counts, the height does not. */
  function skipSlot(): void {
    slot += 1n;
    history.skip(slot);
  }

  /** Drops every block after `keepSlot`, as a fork does; what they held may land again while its blockhash lives. */
  function fork(keepSlot: bigint): void {
    if (keepSlot < history.finalizedAt(slot)) throw new Error('finalized blocks cannot be dropped');
    for (const { execution } of history.drop(keepSlot, slot)) ledger.undo(execution);
  }

  async function answeringFor<T>(name: string, answer: () => T): Promise<T> {
    if (faults.down) throw new ChainUnavailable('the in-process node is down');
    identity.recognize(name, faults.answersAs);
    return answer();
  }

  /** A node that answers as it would have `behind()` slots ago; each call may meet another such backend. */
  function nodeBehind(name: string, behind: () => number): ChainNode {
    const seen = (): bigint => {
      const at = slot - BigInt(behind());
      return at > FIRST_SLOT ? at : FIRST_SLOT;
    };
    const answering = <T>(answer: () => T): Promise<T> => answeringFor(name, answer);
    return {
      name,
      identify: () => answering(() => undefined),
      latestBlockhash: () =>
        answering(() => {
          const at = seen();
          const confirmedSlot = at - BigInt(confirmAfterSlots);
          return {
            blockhash: confirmedSlot.toString(),
            lastValidBlockHeight: history.heightAt(confirmedSlot) + BigInt(blockhashBlocks),
            slot: at,
          };
        }),
      simulate: (message) =>
        answering(() => {
          const execution = ledger.rehearse(message);
          if (!execution) return failed('insufficientFunds', 'no SOL for the fee');
          return execution.error
            ? { outcome: 'failed', error: execution.error }
            : { outcome: 'succeeded', computeUnits: 30_000 };
        }),
      async send(bytes) {
        if (faults.down) throw new ChainUnavailable('the in-process node is down');
        const fate = faults.send(bytes);
        if (fate !== 'drop') mempool.push(bytes);
        if (options.blocks === 'onSend') produceSoon();
        if (fate === 'deliverButFail') throw new ChainUnavailable('the answer was lost');
      },
      signatureStatuses: (signatures) =>
        answering(() => {
          const at = seen();
          return { contextSlot: at, statuses: signatures.map((signature) => statusAt(signature, at)) };
        }),
      finalizedEpoch: () =>
        answering(() => {
          const absoluteSlot = history.finalizedAt(seen());
          return { blockHeight: history.heightAt(absoluteSlot), absoluteSlot };
        }),
      firstAvailableSlot: () => answering(() => firstSlot),
      holdings: (owner) =>
        answering(() => ({ slot: seen(), lamports: ledger.balanceOf(owner), tokens: tokensOf(owner) })),
      finalizedLamports: (addresses) =>
        answering(() => {
          const contextSlot = history.finalizedAt(seen());
          return { contextSlot, lamports: addresses.map((address) => lamportsAt(address, contextSlot)) };
        }),
      transaction: (signature, commitment) =>
        answering(() => {
          const at = seen();
          const found = knownLanding(signature, at);
          if (!found) return null;
          const reached = history.commitmentAt(found.slot, at);
          if (reached === 'processed' || (commitment === 'finalized' && reached !== 'finalized')) return null;
          return toLanded(found, messageOf(found.execution));
        }),
      transactionBytes: (signature) =>
        answering(() => {
          const found = knownLanding(signature, history.finalizedAt(seen()));
          return (found && sentBytes.get(signature)) ?? null;
        }),
      transactionsOf: (address, { before, minSlot }) =>
        answering(() => {
          const finalized = history.finalizedAt(seen());
          if (finalized < minSlot) throw new ChainUnavailable(`slot ${minSlot} is not final here`);
          const all = history
            .standing()
            .filter(({ slot: landedAt }) => landedAt >= firstSlot && landedAt <= finalized)
            .filter(({ execution }) => messageOf(execution).payer === address)
            .map(({ slot: landedAt, execution }) => listed(landedAt, execution))
            .reverse();
          const from = before === null ? 0 : all.findIndex(({ signature }) => signature === before) + 1;
          return all.slice(from, from + MAX_LISTED);
        }),
    };
  }

  /** Sends of one turn share a block. */
  function produceSoon(): void {
    if (blockComing) return;
    blockComing = true;
    setImmediate(() => {
      blockComing = false;
      produceBlock();
    });
  }

  function knownLanding(signature: string, at: bigint): Landing | undefined {
    const found = history.landingAt(signature, at);
    return found && found.slot >= firstSlot ? found : undefined;
  }

  const messageOf = ({ signature }: Execution): MessageParts =>
    decodeMessage(splitTransaction(sentBytes.get(signature)!).message);

  function listed(landedAt: bigint, execution: Execution): ListedTransaction {
    const { memo } = messageOf(execution);
    const { signature, error } = execution;
    return { signature, slot: landedAt, failed: error !== null, memo: `[${memo.length}] ${memo}` };
  }

  function statusAt(signature: string, at: bigint): SignatureStatus | null {
    const found = knownLanding(signature, at);
    if (!found) return null;
    const commitment = history.commitmentAt(found.slot, at);
    return { slot: found.slot, commitment, error: found.execution.error };
  }

  /** What an account held at a slot: what the next standing transaction that touched it found. */
  function lamportsAt(address: string, at: bigint): bigint {
    const next = history
      .standing()
      .find(({ slot: landedAt, execution }) => landedAt > at && execution.balances.has(address));
    return next?.execution.balances.get(address)?.before ?? ledger.balanceOf(address);
  }

  function tokensOf(owner: string): Map<string, bigint> {
    const mints = new Set(options.pools.flatMap(({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint]));
    mints.delete(SOL_MINT);
    return new Map([...mints].map((mint) => [mint, ledger.balanceOf(`${owner}/${mint}`)]));
  }

  const node = nodeBehind('memory', () => 0);
  const chain: Chain = {
    identity,
    nodes: [node],
    anyNode: node,
    swapFrame: async ({ payer, tokenIn, tokenOut, intermediates = [] }) => ({
      tokenAccountIn: accountOf(payer, tokenIn),
      tokenAccountOut: accountOf(payer, tokenOut),
      tokenAccounts: new Map(
        [tokenIn, tokenOut, ...intermediates].map((token) => [token.mint, accountOf(payer, token)]),
      ),
      before: [],
      after: [],
      wrapped: null,
    }),
    receipt: (owner, seed) =>
      answeringFor(node.name, () => ({
        address: receiptAddress(owner, seed),
        seed,
        lamports: RECEIPT_LAMPORTS,
      })),
    closeReceipts: (_owner, receipts) => receipts.map(closeReceipt),
    compile: encodeMessage,
    onSlot(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  return {
    chain,
    nodeBehind,
    produceBlock,
    skipSlot,
    fork,
    history,
    blockhashBlocks,
    faults,
    slot: () => slot,
    balanceOf: ledger.balanceOf,
    /** Forgets every block before `slot`, as a node does whose ledger is full. */
    purgeBefore(slot: bigint): void {
      firstSlot = slot;
    },
    /** Sets what an account holds: `accountOf(owner, token)` for wallets, `vaultOf(pool, token)` for pools. */
    setBalance: ledger.setBalance,
    /** Everything that landed and was not dropped, in order. */
    landed: history.standing,
    /** The signed bytes of a transaction that was in a block. */
    bytesOf: (signature: string): Uint8Array | undefined => sentBytes.get(signature),
    /** Produces a block every `slotMs` until the signal aborts. */
    async run(clock: Clock, slotMs: number, signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await clock.sleep(slotMs, signal);
        produceBlock();
      }
    },
  };
}

export type MemoryChain = ReturnType<typeof createMemoryChain>;

/** Where a wallet holds a token: its lamports for SOL, a token account otherwise. */
export const accountOf = (owner: string, token: Token): string => accountOfMint(owner, token.mint);

const failed = (kind: 'insufficientFunds', text: string) => ({
  outcome: 'failed' as const,
  error: { kind, text },
});
