import type { Transition, TransitionOutcome } from '../../ports/order-store.ts';

/**
 * Two changes of one order as one, so that a worker's steps between two commits cost one update of the row. As one they
 * are written whole or not at all, which is what they are one after the other, too: the later builds on the earlier.
 *
 * @returns Undefined unless the later change follows the earlier one under the same fence, and only the later one
 *          touches an attempt or the lease.
 */
export function mergeTransitions(earlier: Transition, later: Transition): Transition | undefined {
  const follows = earlier.order.sequence === later.expectedSequence && earlier.fence === later.fence;
  if (!follows || earlier.attempt || earlier.lease.kind !== 'keep') return undefined;
  return {
    ...later,
    expectedSequence: earlier.expectedSequence,
    events: [...earlier.events, ...later.events],
  };
}

/** The outcome of one of the changes that `whole` was made of. */
export const outcomeOfPart = (
  outcome: TransitionOutcome,
  whole: Transition,
  part: Transition,
): TransitionOutcome =>
  outcome.outcome === 'committed'
    ? { ...outcome, position: outcome.position + part.expectedSequence - whole.expectedSequence }
    : outcome;
