import type { Signature } from '../../domain/signature.ts';
import type { MessageParts } from '../../ports/chain.ts';
import type { createBlockHistory, Landing } from './block-history.ts';
import type { Execution } from './ledger.ts';
import { decodeMessage, splitTransaction } from './message.ts';

const FORGET_AT_ONCE = 1_000;

/**
 * The landed transactions that the chain still remembers: all since a slot that advances.
 *
 * @param keepLanded How many transactions stay at least.
 */
export function createLandings(history: ReturnType<typeof createBlockHistory>, keepLanded: number) {
  /** The oldest slot whose block is remembered. */
  let firstSlot = 0n;
  const sentBytes = new Map<Signature, Uint8Array>();

  return {
    firstSlot: () => firstSlot,
    add(slot: bigint, execution: Execution, bytes: Uint8Array): void {
      history.add(slot, execution);
      sentBytes.set(execution.signature, bytes);
    },
    /** Forgets the oldest transactions once their number is well above `keepLanded`. */
    forgetOld(): void {
      if (history.standing().length < keepLanded + FORGET_AT_ONCE) return;
      const old = history.keepNewest(keepLanded);
      for (const { execution } of old) sentBytes.delete(execution.signature);
      firstSlot = (old.at(-1)?.slot ?? firstSlot) + 1n;
    },
    /** Forgets every block before `slot`, as a node with a full ledger does. */
    purgeBefore(slot: bigint): void {
      firstSlot = slot;
    },
    /** The landing that a node at slot `at` sees. */
    landingAt(signature: Signature, at: bigint): Landing | undefined {
      const found = history.landingAt(signature, at);
      return found && found.slot >= firstSlot ? found : undefined;
    },
    /** The signed bytes of a transaction that was in a block. */
    bytesOf: (signature: Signature): Uint8Array | undefined => sentBytes.get(signature),
    messageOf: ({ signature }: Execution): MessageParts =>
      decodeMessage(splitTransaction(sentBytes.get(signature)!).message),
  };
}
