import type { Block } from '../chain/block.ts';
import type { DevnetNode } from '../node.ts';
import { type BlockFormat, toBlockJson } from '../rpc/block-encoding.ts';
import { RPC_ERRORS, RpcError } from '../rpc/rpc-error.ts';
import { previousBlockhash } from '../rpc/whole-block.ts';

/**
 * A notification of `blockSubscribe`; null if the block has no transaction that the subscriber asked for.
 *
 * @param mentions The account that a transaction must name to be shown; null for all.
 */
export function toBlockUpdate(
  { chain, ledger }: DevnetNode,
  block: Block,
  { mentions, format }: { readonly mentions: string | null; readonly format: BlockFormat },
) {
  const { slot } = block;
  // Read from the ledger, since after a start the newest blocks come without their transactions.
  const all = ledger.history.ofSlot(slot).map((entry) => ledger.read(entry));
  const transactions = all.filter(({ accounts }) => mentions === null || accounts.includes(mentions));
  if (mentions !== null && transactions.length === 0) return null;
  const whole = { block, previousBlockhash: previousBlockhash(chain, block), transactions };
  try {
    return { slot, block: toBlockJson(whole, format), err: null };
  } catch (error) {
    const isVersion = error instanceof RpcError && error.code === RPC_ERRORS.unsupportedTransactionVersion;
    if (!isVersion) throw error;
    return { slot, block: null, err: { UnsupportedTransactionVersion: 0 } };
  }
}
