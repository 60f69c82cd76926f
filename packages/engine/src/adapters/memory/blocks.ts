import { heightAfter } from '../../domain/block-height.ts';
import { createBlockHistory } from './block-history.ts';
import { createLandings } from './landings.ts';
import type { Ledger } from './ledger.ts';
import { decodeMessage, splitTransaction } from './message.ts';

export interface BlockOptions {
  readonly confirmAfterSlots?: number;
  readonly finalizeAfterSlots?: number;
  /** For how many blocks a blockhash is valid. */
  readonly blockhashBlocks?: number;
  /** Minimum number of landed transactions that the chain remembers; absent: all of them. */
  readonly keepLanded?: number;
}

export const FIRST_SLOT = 100n;

/** The blocks of the in-process chain: its sent transactions, its current slot, and all that landed. */
export function createBlocks(ledger: Ledger, options: BlockOptions) {
  const { confirmAfterSlots = 1, finalizeAfterSlots = 32, blockhashBlocks = 150 } = options;
  const { keepLanded = Number.POSITIVE_INFINITY } = options;
  const history = createBlockHistory({
    confirmed: BigInt(confirmAfterSlots),
    finalized: BigInt(finalizeAfterSlots),
  });
  const landings = createLandings(history, keepLanded);
  let slot = FIRST_SLOT;
  const mempool: Uint8Array[] = [];
  const listeners = new Set<(slot: bigint) => void>();

  /** Executes the sent transactions, advances one slot and notifies the listeners. */
  function produce(): void {
    slot += 1n;
    for (const bytes of mempool.splice(0)) {
      const { signature, message } = splitTransaction(bytes);
      if (history.hasLanded(signature)) continue;
      const parts = decodeMessage(message);
      const execution = isTooOld(BigInt(parts.blockhash)) ? null : ledger.execute(signature, parts);
      if (!execution) continue;
      ledger.apply(execution);
      landings.add(slot, execution, bytes);
    }
    landings.forgetOld();
    for (const listener of listeners) listener(slot);
  }

  const isTooOld = (hashSlot: bigint): boolean =>
    history.heightAt(slot) > heightAfter(history.heightAt(hashSlot), BigInt(blockhashBlocks));

  /** Advances one slot without a block: the slot grows, the height stays. */
  function skipSlot(): void {
    slot += 1n;
    history.skip(slot);
  }

  /**
   * Drops every block after `keepSlot`, as a fork does. Their transactions may land again while their blockhash is
   * valid.
   */
  function fork(keepSlot: bigint): void {
    if (keepSlot < history.finalizedAt(slot)) throw new Error('finalized blocks cannot be dropped');
    for (const { execution } of history.drop(keepSlot, slot)) ledger.undo(execution);
  }

  const { firstSlot, purgeBefore, landingAt, bytesOf, messageOf } = landings;
  return {
    firstSlot,
    purgeBefore,
    landingAt,
    bytesOf,
    messageOf,
    history,
    confirmAfterSlots,
    blockhashBlocks,
    produce,
    skipSlot,
    fork,
    slot: () => slot,
    /** Takes a signed transaction; the next block executes it. */
    send: (bytes: Uint8Array): void => void mempool.push(bytes),
    onSlot(listener: (slot: bigint) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export type Blocks = ReturnType<typeof createBlocks>;
