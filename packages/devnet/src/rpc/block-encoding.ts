import type { Block } from '../chain/block.ts';
import { blockTimeSeconds } from '../chain/block.ts';
import { type ExecutedTransaction, parsedOf } from '../chain/executed-transaction.ts';
import { type Config, optionalInteger } from './params.ts';
import { invalidParams } from './rpc-error.ts';
import {
  encodeTransactionBody,
  supportedVersion,
  type TransactionEncoding,
  toAccountList,
  toBalanceMeta,
  toTransactionMeta,
  transactionEncodingOf,
} from './transaction-encoding.ts';

const DETAILS = ['full', 'accounts', 'signatures', 'none'] as const;

/** The parts and encodings of a block that a client requests. */
export interface BlockFormat {
  readonly details: (typeof DETAILS)[number];
  readonly encoding: TransactionEncoding;
  readonly showsRewards: boolean;
  readonly maxVersion: number | null;
}

/** @param rewards Name of the option that asks for rewards: subscriptions call it `showRewards`. */
export function blockFormatOf(config: Config, rewards: 'rewards' | 'showRewards'): BlockFormat {
  const details = config.transactionDetails ?? 'full';
  if (!DETAILS.includes(details as BlockFormat['details'])) {
    throw invalidParams(
      `Invalid params: unknown variant \`${String(details)}\`, expected one of ${DETAILS.join(', ')}.`,
    );
  }
  return {
    details: details as BlockFormat['details'],
    encoding: transactionEncodingOf(config),
    showsRewards: (config[rewards] ?? true) === true,
    maxVersion: optionalInteger(config, 'maxSupportedTransactionVersion'),
  };
}

export interface WholeBlock {
  readonly block: Pick<Block, 'blockhash' | 'parentSlot' | 'height' | 'timeMs'>;
  readonly previousBlockhash: string;
  readonly transactions: readonly ExecutedTransaction[];
}

/**
 * A block in the shape of `getBlock`. There are no rewards, since fees are burned.
 *
 * @throws {RpcError} A transaction has a version that the client does not understand.
 */
export function toBlockJson({ block, previousBlockhash, transactions }: WholeBlock, format: BlockFormat) {
  return {
    previousBlockhash,
    blockhash: block.blockhash,
    parentSlot: block.parentSlot,
    transactions: toTransactions(transactions, format),
    signatures: format.details === 'signatures' ? transactions.map(({ signature }) => signature) : undefined,
    rewards: format.showsRewards ? [] : undefined,
    blockTime: blockTimeSeconds(block),
    blockHeight: block.height,
  };
}

function toTransactions(transactions: readonly ExecutedTransaction[], format: BlockFormat) {
  const { details, encoding, showsRewards, maxVersion } = format;
  if (details !== 'full' && details !== 'accounts') return undefined;
  return transactions.map((transaction) => {
    const isFull = details === 'full';
    const meta = isFull ? toTransactionMeta(transaction, encoding) : toBalanceMeta(transaction);
    return {
      transaction: isFull ? encodeTransactionBody(transaction, encoding) : toAccountList(transaction),
      meta: { ...meta, rewards: showsRewards ? [] : undefined },
      ...supportedVersion(parsedOf(transaction).message.version, maxVersion),
    };
  });
}
