import { type BlockHeight, toBlockHeight } from '../../domain/block-height.ts';
import type { Signature } from '../../domain/signature.ts';
import type { SignatureStatus } from '../../ports/chain.ts';
import type { Execution } from './ledger.ts';

/** One execution of a transaction in a block. After a fork the same transaction may land a second time. */
export interface Landing {
  readonly slot: bigint;
  readonly execution: Execution;
  /** The newest slot when a fork dropped the block; null while the block stands. */
  droppedAtSlot: bigint | null;
}

// Height and slot are different clocks on Solana; a caller that mixes them up fails here.
const SLOT_AHEAD_OF_HEIGHT = 10n;

/**
 * The chain's state at every past slot, including blocks that a fork dropped later. A node that is behind answers from
 * an earlier slot.
 */
export function createBlockHistory(depths: { readonly confirmed: bigint; readonly finalized: bigint }) {
  const landings = new Map<Signature, Landing[]>();
  /** Standing landings in order. */
  let standing: Landing[] = [];
  const skippedSlots: bigint[] = [];

  function heightAt(slot: bigint): BlockHeight {
    let height = slot - SLOT_AHEAD_OF_HEIGHT;
    for (const skipped of skippedSlots) if (skipped <= slot) height -= 1n;
    return toBlockHeight(height);
  }

  const finalizedAt = (slot: bigint): bigint => slot - depths.finalized;

  function commitmentAt(landedSlot: bigint, slot: bigint): SignatureStatus['commitment'] {
    if (landedSlot <= finalizedAt(slot)) return 'finalized';
    return landedSlot + depths.confirmed <= slot ? 'confirmed' : 'processed';
  }

  /** The landing that a node at `slot` sees. */
  function landingAt(signature: Signature, slot: bigint): Landing | undefined {
    const all = landings.get(signature);
    if (!all) return undefined;
    for (let index = all.length - 1; index >= 0; index -= 1) {
      const landing = all[index]!;
      const isDropped = landing.droppedAtSlot !== null && landing.droppedAtSlot <= slot;
      if (landing.slot <= slot && !isDropped) return landing;
    }
    return undefined;
  }

  return {
    heightAt,
    finalizedAt,
    commitmentAt,
    landingAt,
    landings: (signature: Signature): readonly Landing[] => landings.get(signature) ?? [],
    standing: (): readonly Landing[] => standing,
    hasLanded: (signature: Signature): boolean => landings.get(signature)?.at(-1)?.droppedAtSlot === null,
    /** A slot without a block: the height stays. */
    skip: (slot: bigint): void => void skippedSlots.push(slot),
    add(slot: bigint, execution: Execution): void {
      const landing: Landing = { slot, execution, droppedAtSlot: null };
      standing.push(landing);
      const all = landings.get(execution.signature);
      if (all) all.push(landing);
      else landings.set(execution.signature, [landing]);
    },
    /** Keeps that many of the newest landings; returns the others. */
    keepNewest(count: number): readonly Landing[] {
      const old = standing.splice(0, Math.max(0, standing.length - count));
      for (const { execution } of old) landings.delete(execution.signature);
      return old;
    },
    /** Drops the landings after `keepSlot`; returns them, the newest first. */
    drop(keepSlot: bigint, newestSlot: bigint): readonly Landing[] {
      const dropped = standing.filter(({ slot }) => slot > keepSlot).reverse();
      for (const landing of dropped) landing.droppedAtSlot = newestSlot;
      standing = standing.filter(({ slot }) => slot <= keepSlot);
      return dropped;
    },
  };
}
