import { type Block, blockTimeSeconds, type Commitment } from '../../chain/block.ts';
import { blockFormatOf, toBlockJson } from '../block-encoding.ts';
import {
  commitmentAboveProcessed,
  configParam,
  encodingConfigParam,
  integerParam,
  type Params,
} from '../params.ts';
import { invalidParams, RpcError } from '../rpc-error.ts';
import { type RpcMethods, type RpcNode, readConfig, requireMinContextSlot } from '../rpc-method.ts';
import { previousBlockhash } from '../whole-block.ts';

const MAX_RANGE = 500_000;
const MAX_SAMPLES = 720;
const SAMPLE_SECONDS = 60;

/** Blocks, and how many there are. */
export const blockMethods: RpcMethods = {
  getBlock(node, params) {
    const slot = integerParam(params[0], 'slot');
    const config = encodingConfigParam(params, 1);
    const format = blockFormatOf(config, 'rewards');
    const block = requireBlock(node, slot, commitmentAboveProcessed(config));
    const transactions = node.view.ofSlot(slot).map((entry) => node.ledger.read(entry));
    return toBlockJson(
      { block, previousBlockhash: previousBlockhash(node.chain, block), transactions },
      format,
    );
  },

  getBlocks(node, params) {
    const first = integerParam(params[0], 'start_slot');
    const hasEnd = typeof params[1] === 'number';
    const { last, config } = rangeOf(node, params, hasEnd || params[1] === null ? 2 : 1);
    const end = Math.min(hasEnd ? integerParam(params[1], 'end_slot') : first + MAX_RANGE, last);
    if (end < first) return [];
    if (end - first > MAX_RANGE) throw invalidParams(`Slot range too large; max ${MAX_RANGE}`);
    requireMinContextSlot(node, config, commitmentAboveProcessed(config));
    return slotsBetween(node, first, end);
  },

  getBlocksWithLimit(node, params) {
    const first = integerParam(params[0], 'start_slot');
    const limit = integerParam(params[1], 'limit');
    const { last } = rangeOf(node, params, 2);
    if (limit > MAX_RANGE) throw invalidParams(`Limit too large; max ${MAX_RANGE}`);
    return slotsBetween(node, first, last).slice(0, limit);
  },

  getBlockTime: (node, params) =>
    blockTimeSeconds(requireBlock(node, integerParam(params[0], 'slot'), 'processed')),

  /** The slot from which on every transaction is kept. Whole blocks are kept from `minimumLedgerSlot` on. */
  getFirstAvailableBlock: (node) => node.ledger.firstAvailableSlot,

  minimumLedgerSlot: firstWholeSlot,

  getTransactionCount(node, params) {
    const { commitment } = readConfig(node, params, 0);
    return node.view.at(commitment).transactionCount;
  },

  getRecentPerformanceSamples(node, params) {
    const limit =
      params[0] === undefined || params[0] === null ? MAX_SAMPLES : integerParam(params[0], 'limit');
    if (limit > MAX_SAMPLES) throw invalidParams(`Invalid limit; max ${MAX_SAMPLES}`);
    const ends = lastBlocksOfMinutes(node.chain.history.between(0, node.view.at('finalized').slot));
    return ends
      .slice(1)
      .map((end, index) => toSample(ends[index]!, end))
      .reverse()
      .slice(0, limit);
  },
};

/**
 * The block of a slot.
 *
 * @throws {RpcError} The block does not exist yet at the commitment, was skipped, or is no longer kept.
 */
function requireBlock(node: RpcNode, slot: number, commitment: Commitment): Block {
  if (slot > node.view.at(commitment).slot) throw blockNotAvailable(slot);
  const first = firstWholeSlot(node);
  if (slot < first) {
    throw new RpcError(
      'blockCleanedUp',
      `Block ${slot} cleaned up, does not exist on node. First available block: ${first}`,
    );
  }
  const block = node.chain.history.findSlot(slot);
  if (block !== undefined) return block;
  // Until the slot is final, a node cannot exclude that a block follows.
  if (slot > node.view.at('finalized').slot) throw blockNotAvailable(slot);
  throw new RpcError(
    'slotSkipped',
    `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`,
  );
}

function blockNotAvailable(slot: number): RpcError {
  return new RpcError('blockNotAvailable', `Block not available for slot ${slot}`);
}

/** The first slot from which on whole blocks are kept. The oldest kept one lacks its parent, unless it is the first of all. */
function firstWholeSlot({ chain, ledger }: Pick<RpcNode, 'chain' | 'ledger'>): number {
  const [oldest, second] = chain.history.all;
  const first = oldest!.slot === 0 ? oldest! : (second ?? oldest!);
  return Math.max(first.slot, ledger.firstAvailableSlot);
}

function rangeOf(node: RpcNode, params: Params, index: number) {
  const config = configParam(params, index);
  return { config, last: node.view.at(commitmentAboveProcessed(config)).slot };
}

function slotsBetween(node: RpcNode, first: number, last: number): number[] {
  const oldest = firstWholeSlot(node);
  return node.chain.history.between(Math.max(first, oldest), last).map(({ slot }) => slot);
}

/** The last block of each whole minute of chain time, oldest first. */
function lastBlocksOfMinutes(blocks: readonly Block[]): Block[] {
  const minuteOf = ({ timeMs }: Block) => Math.floor(timeMs / (SAMPLE_SECONDS * 1000));
  return blocks.filter((block, index) => {
    const next = blocks[index + 1];
    return next !== undefined && minuteOf(next) !== minuteOf(block);
  });
}

/** No transaction is a vote. */
function toSample(before: Block, end: Block) {
  const numTransactions = end.transactionCount - before.transactionCount;
  return {
    slot: end.slot,
    numTransactions,
    numNonVoteTransactions: numTransactions,
    numSlots: end.slot - before.slot,
    samplePeriodSecs: SAMPLE_SECONDS,
  };
}
