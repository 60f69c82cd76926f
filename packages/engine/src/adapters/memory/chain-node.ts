import { heightAfter } from '../../domain/block-height.ts';
import type { Signature } from '../../domain/signature.ts';
import { type Mint, SOL_MINT } from '../../domain/token.ts';
import {
  type ChainNode,
  ChainUnavailable,
  type ListedTransaction,
  type SignatureStatus,
} from '../../ports/chain.ts';
import type { Landing } from './block-history.ts';
import { type Blocks, FIRST_SLOT } from './blocks.ts';
import { toLanded } from './landed-transaction.ts';
import { COMPUTE_UNITS, type Ledger } from './ledger.ts';
import type { MemoryPool } from './pool.ts';

/** The chain that a node shows. */
export interface NodeChain {
  readonly pools: readonly MemoryPool[];
  readonly ledger: Ledger;
  readonly blocks: Blocks;
  /** Answers for a node. @throws {ChainUnavailable} The node is down. */
  answeringFor<T>(name: string, answer: () => T): Promise<T>;
  /** Receives a transaction sent to a node. */
  send(bytes: Uint8Array): Promise<void>;
}

const MAX_LISTED = 1_000;

/**
 * A node that answers as it would have answered `behind()` slots ago; `behind` is read anew for every call, so that
 * each call may meet another backend.
 */
export function createChainNode(chain: NodeChain, name: string, behind: () => number): ChainNode {
  const { ledger, blocks } = chain;
  const { history } = blocks;
  const seen = (): bigint => {
    const at = blocks.slot() - BigInt(behind());
    return at > FIRST_SLOT ? at : FIRST_SLOT;
  };
  const answering = <T>(answer: () => T): Promise<T> => chain.answeringFor(name, answer);
  return {
    name,
    identify: () => answering(() => undefined),
    latestBlockhash: () => answering(() => blockhashAt(blocks, seen())),
    simulate: (message) =>
      answering(() => {
        const execution = ledger.rehearse(message);
        if (!execution) return failed('insufficientFunds', 'no SOL for the fee');
        return execution.error
          ? { outcome: 'failed', error: execution.error }
          : { outcome: 'succeeded', computeUnits: COMPUTE_UNITS };
      }),
    send: chain.send,
    signatureStatuses: (signatures) =>
      answering(() => {
        const at = seen();
        return {
          contextSlot: at,
          statuses: signatures.map((signature) => statusAt(blocks, signature, at)),
        };
      }),
    finalizedEpoch: () =>
      answering(() => {
        const absoluteSlot = history.finalizedAt(seen());
        return { blockHeight: history.heightAt(absoluteSlot), absoluteSlot };
      }),
    firstAvailableSlot: () => answering(() => blocks.firstSlot()),
    holdings: (owner) =>
      answering(() => ({
        slot: seen(),
        lamports: ledger.balanceOf(owner),
        tokens: tokensOf(chain, owner),
      })),
    finalizedLamports: (addresses) =>
      answering(() => {
        const contextSlot = history.finalizedAt(seen());
        const lamports = addresses.map((address) => lamportsAt(chain, address, contextSlot));
        return { contextSlot, lamports };
      }),
    transaction: (signature, commitment) =>
      answering(() => {
        const at = seen();
        const found = blocks.landingAt(signature, at);
        if (!found) return null;
        const reached = history.commitmentAt(found.slot, at);
        if (reached === 'processed' || (commitment === 'finalized' && reached !== 'finalized')) return null;
        return toLanded(found, blocks.messageOf(found.execution));
      }),
    transactionBytes: (signature) =>
      answering(() => {
        const found = blocks.landingAt(signature, history.finalizedAt(seen()));
        return (found && blocks.bytesOf(signature)) ?? null;
      }),
    transactionsOf: (address, page) =>
      answering(() => listTransactions(blocks, address, { ...page, finalized: history.finalizedAt(seen()) })),
  };
}

function blockhashAt({ history, confirmAfterSlots, blockhashBlocks }: Blocks, at: bigint) {
  const confirmedSlot = at - BigInt(confirmAfterSlots);
  return {
    blockhash: confirmedSlot.toString(),
    lastValidBlockHeight: heightAfter(history.heightAt(confirmedSlot), BigInt(blockhashBlocks)),
    slot: at,
  };
}

function statusAt(blocks: Blocks, signature: Signature, at: bigint): SignatureStatus | null {
  const found = blocks.landingAt(signature, at);
  if (!found) return null;
  const commitment = blocks.history.commitmentAt(found.slot, at);
  return { slot: found.slot, commitment, error: found.execution.error };
}

/** An account's lamports at a slot: the balance before the next standing transaction that touched the account. */
function lamportsAt({ blocks, ledger }: NodeChain, address: string, at: bigint): bigint {
  const next = blocks.history
    .standing()
    .find(({ slot, execution }) => slot > at && execution.balances.has(address));
  return next?.execution.balances.get(address)?.before ?? ledger.balanceOf(address);
}

function tokensOf({ pools, ledger }: NodeChain, owner: string): Map<Mint, bigint> {
  const mints = new Set(pools.flatMap(({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint]));
  mints.delete(SOL_MINT);
  return new Map([...mints].map((mint) => [mint, ledger.balanceOf(`${owner}/${mint}`)]));
}

/**
 * A page of the transactions that a wallet paid for, the newest first.
 *
 * @throws {ChainUnavailable} `minSlot` is not final here.
 */
function listTransactions(
  blocks: Blocks,
  payer: string,
  { before, minSlot, finalized }: { before: Signature | null; minSlot: bigint; finalized: bigint },
): ListedTransaction[] {
  if (finalized < minSlot) throw new ChainUnavailable(`slot ${minSlot} is not final here`);
  const all = blocks.history
    .standing()
    .filter(({ slot }) => slot >= blocks.firstSlot() && slot <= finalized)
    .filter(({ execution }) => blocks.messageOf(execution).payer === payer)
    .map((landing) => toListed(blocks, landing))
    .reverse();
  const from = before === null ? 0 : all.findIndex(({ signature }) => signature === before) + 1;
  return all.slice(from, from + MAX_LISTED);
}

function toListed(blocks: Blocks, { slot, execution }: Landing): ListedTransaction {
  const { memo } = blocks.messageOf(execution);
  const { signature, error } = execution;
  return { signature, slot, failed: error !== null, memo: `[${memo.length}] ${memo}` };
}

const failed = (kind: 'insufficientFunds', text: string) => ({
  outcome: 'failed' as const,
  error: { kind, text },
});
