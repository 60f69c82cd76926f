import type { Token } from '../../domain/token.ts';
import { type Chain, type ChainNode, ChainUnavailable } from '../../ports/chain.ts';
import { createChainIdentity } from '../../ports/chain-identity.ts';
import type { Clock } from '../../ports/clock.ts';
import { type BlockOptions, createBlocks } from './blocks.ts';
import { createChainNode } from './chain-node.ts';
import { accountOfMint, createLedger, RECEIPT_LAMPORTS } from './ledger.ts';
import { closeReceipt, encodeMessage, receiptAddress } from './message.ts';
import type { MemoryPool } from './pool.ts';

export interface MemoryChainOptions extends BlockOptions {
  readonly pools: readonly MemoryPool[];
  /** `onSend`: a block follows every send at once. `manual`: blocks come from `produceBlock`. */
  readonly blocks: 'onSend' | 'manual';
  readonly genesisHash?: string;
}

/** The outcome of a send; tests set it. */
export type SendFault = 'deliver' | 'drop' | 'deliverButFail';

/** A chain inside the process: blocks, commitment, blockhash expiry, forks. Implements the Chain port with one node. */
export function createMemoryChain(options: MemoryChainOptions) {
  const { pools, genesisHash = 'memory' } = options;
  const identity = createChainIdentity(genesisHash);
  const ledger = createLedger(pools);
  const blocks = createBlocks(ledger, options);
  const reach = createReach({
    genesisHash,
    identity,
    send: blocks.send,
    afterSend: options.blocks === 'onSend' ? oncePerTurn(blocks.produce) : () => {},
  });

  /** A node that answers as it would have answered `behind()` slots ago; `behind` is read anew for every call. */
  const nodeBehind = (name: string, behind: () => number): ChainNode =>
    createChainNode({ pools, ledger, blocks, ...reach }, name, behind);
  const node = nodeBehind('memory', () => 0);

  const chain: Chain = {
    identity,
    nodes: [node],
    anyNode: node,
    askAny: async (question) => ({ node, answer: await question(node) }),
    swapFrame,
    receipt: (owner, seed) =>
      reach.answeringFor(node.name, () => ({
        address: receiptAddress(owner, seed),
        seed,
        lamports: RECEIPT_LAMPORTS,
      })),
    closeReceipts: (_owner, receipts) => receipts.map(closeReceipt),
    compile: encodeMessage,
    onSlot: blocks.onSlot,
  };

  return {
    chain,
    nodeBehind,
    faults: reach.faults,
    produceBlock: blocks.produce,
    skipSlot: blocks.skipSlot,
    fork: blocks.fork,
    purgeBefore: blocks.purgeBefore,
    history: blocks.history,
    blockhashBlocks: blocks.blockhashBlocks,
    slot: blocks.slot,
    bytesOf: blocks.bytesOf,
    /** Everything that landed and was not dropped, in order. */
    landed: blocks.history.standing,
    balanceOf: ledger.balanceOf,
    /** Sets what an account holds: `accountOf(owner, token)` for wallets, `vaultOf(pool, token)` for pools. */
    setBalance: ledger.setBalance,
    /** Produces a block every `slotMs` until the signal aborts. */
    async run(clock: Clock, slotMs: number, signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await clock.sleep(slotMs, signal);
        blocks.produce();
      }
    },
  };
}

export type MemoryChain = ReturnType<typeof createMemoryChain>;

/** Where a wallet holds a token: its lamports for SOL, a token account otherwise. */
export const accountOf = (owner: string, token: Token): string => accountOfMint(owner, token.mint);

/** No SOL is wrapped here, so a frame only names the accounts. */
const swapFrame: Chain['swapFrame'] = async ({ payer, tokenIn, tokenOut, intermediates = [] }) => ({
  tokenAccountIn: accountOf(payer, tokenIn),
  tokenAccountOut: accountOf(payer, tokenOut),
  tokenAccounts: new Map(
    [tokenIn, tokenOut, ...intermediates].map((token) => [token.mint, accountOf(payer, token)]),
  ),
  before: [],
  after: [],
  wrapped: null,
});

/** The connection to the nodes, with its faults. */
function createReach(chain: {
  readonly genesisHash: string;
  readonly identity: Chain['identity'];
  send(bytes: Uint8Array): void;
  afterSend(): void;
}) {
  /** `answersAs`: the chain that the nodes claim to belong to. */
  const faults = {
    send: (_bytes: Uint8Array): SendFault => 'deliver',
    down: false,
    answersAs: chain.genesisHash,
  };

  return {
    faults,
    /** @throws {ChainUnavailable} The nodes are down. @throws {AnotherChain} The nodes belong to another chain. */
    async answeringFor<T>(name: string, answer: () => T): Promise<T> {
      if (faults.down) throw new ChainUnavailable('the in-process node is down');
      chain.identity.recognize(name, faults.answersAs);
      return answer();
    },
    /** @throws {ChainUnavailable} The nodes are down, or the answer was lost. */
    async send(bytes: Uint8Array): Promise<void> {
      if (faults.down) throw new ChainUnavailable('the in-process node is down');
      const fate = faults.send(bytes);
      if (fate !== 'drop') chain.send(bytes);
      chain.afterSend();
      if (fate === 'deliverButFail') throw new ChainUnavailable('the answer was lost');
    },
  };
}

/** Merges the calls of one turn of the event loop into one, so that sends of one turn share a block. */
function oncePerTurn(run: () => void): () => void {
  let isComing = false;
  return () => {
    if (isComing) return;
    isComing = true;
    setImmediate(() => {
      isComing = false;
      run();
    });
  };
}
