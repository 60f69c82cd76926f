import { SOL_MINT, type Token } from '../../domain/token.ts';
import {
  type Chain,
  type ChainNode,
  ChainUnavailable,
  type LandedTransaction,
  type SignatureStatus,
} from '../../ports/chain.ts';
import type { Clock } from '../../ports/clock.ts';
import { createLedger, type Execution, FEE_LAMPORTS, type MemoryPool } from './ledger.ts';
import { decodeMessage, encodeMessage, splitTransaction } from './message.ts';

export interface MemoryChainOptions {
  readonly pools: readonly MemoryPool[];
  readonly confirmAfterSlots?: number;
  readonly finalizeAfterSlots?: number;
  /** For how many blocks a blockhash is valid. */
  readonly blockhashBlocks?: number;
  /** `onSend`: a block follows every send at once. `manual`: blocks come from `produceBlock`. */
  readonly blocks: 'onSend' | 'manual';
}

/** What becomes of a send; tests bend it. */
export type SendFault = 'deliver' | 'drop' | 'deliverButFail';

interface Block {
  readonly slot: bigint;
  readonly executions: readonly Execution[];
}

// Height and slot are different clocks on Solana; whoever mixes them up is caught here.
const SLOT_AHEAD_OF_HEIGHT = 10n;

/** A chain inside the process: blocks, commitment, blockhash expiry, forks. Implements the Chain port with one node. */
export function createMemoryChain(options: MemoryChainOptions) {
  const { confirmAfterSlots = 1, finalizeAfterSlots = 32, blockhashBlocks = 150 } = options;
  const ledger = createLedger(options.pools);
  let slot = 100n;
  let blocks: Block[] = [];
  const mempool: Uint8Array[] = [];
  const landed = new Map<string, { slot: bigint; execution: Execution }>();
  const listeners = new Set<(slot: bigint) => void>();
  const faults = { send: (_bytes: Uint8Array): SendFault => 'deliver', down: false };
  let blockComing = false;

  const heightAt = (atSlot: bigint): bigint => atSlot - SLOT_AHEAD_OF_HEIGHT;
  const finalizedSlot = (): bigint => slot - BigInt(finalizeAfterSlots);

  /** Executes what was sent, moves one slot on and tells the listeners. */
  function produceBlock(): void {
    slot += 1n;
    const executions: Execution[] = [];
    for (const bytes of mempool.splice(0)) {
      const { signature, message } = splitTransaction(bytes);
      const hashSlot = BigInt(decodeMessage(message).blockhash);
      if (landed.has(signature) || slot - hashSlot > BigInt(blockhashBlocks)) continue;
      const execution = ledger.execute(bytes);
      if (!execution) continue;
      ledger.apply(execution);
      landed.set(signature, { slot, execution });
      executions.push(execution);
    }
    if (executions.length > 0) blocks.push({ slot, executions });
    for (const listener of listeners) listener(slot);
  }

  /** Drops every block after `keepSlot`, as a fork does; what they held may land again while its blockhash lives. */
  function fork(keepSlot: bigint): void {
    if (keepSlot < finalizedSlot()) throw new Error('finalized blocks cannot be dropped');
    for (const block of blocks.filter((one) => one.slot > keepSlot).reverse())
      for (const execution of [...block.executions].reverse()) {
        ledger.undo(execution);
        landed.delete(execution.signature);
      }
    blocks = blocks.filter((one) => one.slot <= keepSlot);
  }

  function commitmentOf(atSlot: bigint): SignatureStatus['commitment'] {
    if (atSlot <= finalizedSlot()) return 'finalized';
    return atSlot + BigInt(confirmAfterSlots) <= slot ? 'confirmed' : 'processed';
  }

  async function answering<T>(answer: () => T): Promise<T> {
    if (faults.down) throw new ChainUnavailable('the in-process node is down');
    return answer();
  }

  const node: ChainNode = {
    name: 'memory',
    latestBlockhash: () =>
      answering(() => {
        const confirmedSlot = slot - BigInt(confirmAfterSlots);
        return {
          blockhash: confirmedSlot.toString(),
          lastValidBlockHeight: heightAt(confirmedSlot) + BigInt(blockhashBlocks),
          slot,
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
      answering(() => ({ contextSlot: slot, statuses: signatures.map((signature) => statusOf(signature)) })),
    finalizedEpoch: () =>
      answering(() => ({ blockHeight: heightAt(finalizedSlot()), absoluteSlot: finalizedSlot() })),
    firstAvailableSlot: () => answering(() => 0n),
    holdings: (owner) =>
      answering(() => ({ slot, lamports: ledger.balanceOf(owner), tokens: tokensOf(owner) })),
    transaction: (signature, commitment) =>
      answering(() => {
        const found = landed.get(signature);
        if (!found) return null;
        const reached = commitmentOf(found.slot);
        if (reached === 'processed' || (commitment === 'finalized' && reached !== 'finalized')) return null;
        return toLanded(found.slot, found.execution);
      }),
  };

  /** Sends of one turn share a block. */
  function produceSoon(): void {
    if (blockComing) return;
    blockComing = true;
    setImmediate(() => {
      blockComing = false;
      produceBlock();
    });
  }

  function statusOf(signature: string): SignatureStatus | null {
    const found = landed.get(signature);
    if (!found) return null;
    return { slot: found.slot, commitment: commitmentOf(found.slot), error: found.execution.error };
  }

  function tokensOf(owner: string): Map<string, bigint> {
    const mints = new Set(options.pools.flatMap(({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint]));
    mints.delete(SOL_MINT);
    return new Map([...mints].map((mint) => [mint, ledger.balanceOf(`${owner}/${mint}`)]));
  }

  const chain: Chain = {
    nodes: [node],
    swapFrame: async ({ payer, tokenIn, tokenOut }) => ({
      tokenAccountIn: accountOf(payer, tokenIn),
      tokenAccountOut: accountOf(payer, tokenOut),
      before: [],
      after: [],
    }),
    compile: encodeMessage,
    onSlot(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  return {
    chain,
    produceBlock,
    fork,
    faults,
    slot: () => slot,
    balanceOf: ledger.balanceOf,
    /** Sets what an account holds: `accountOf(owner, token)` for wallets, `vaultOf(pool, token)` for pools. */
    setBalance: ledger.setBalance,
    /** Everything that landed, in order. */
    landed: (): { slot: bigint; execution: Execution }[] =>
      blocks.flatMap((block) => block.executions.map((execution) => ({ slot: block.slot, execution }))),
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
export const accountOf = (owner: string, token: Token): string =>
  token.mint === SOL_MINT ? owner : `${owner}/${token.mint}`;

const failed = (kind: 'insufficientFunds', text: string) => ({
  outcome: 'failed' as const,
  error: { kind, text },
});

function toLanded(slot: bigint, execution: Execution): LandedTransaction {
  const balance = (account: string) => execution.balances.get(account);
  return { slot, error: execution.error, feeLamports: FEE_LAMPORTS, lamports: balance, tokens: balance };
}
