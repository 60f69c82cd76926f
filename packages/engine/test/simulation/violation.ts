/** The invariants, as docs/execution.md numbers them. */
export const INVARIANTS = {
  I1: 'at most one landed swap per order, counted in the chain',
  I2: 'what is on the network is a recorded attempt',
  I3: 'at most one open attempt; the next one only after it closed; no more than the tries allow, of each firing',
  I4: 'a closed attempt stays closed and can really never land',
  I5: 'every accepted order ends once faults stop',
  I6: 'one terminal event, the last status event; confirmed if and only if an attempt landed',
  I7: 'sequences without a gap; events never change',
  I8: 'the row is the fold of its events',
  I9: 'one key, one order',
  I10: "fills and fees are the wallet's balance changes",
  I11: 'a stream is a contiguous part of the log',
  I12: 'fences only grow; no write by an older one; no two live leases',
  I13: 'what starts or fires an order does so once, never after its end or a requested cancel, and at its price',
  I14: "signed bytes are within the order's own limits",
  I15: 'the receipt of a strict order stands exactly when its swap or a blocker landed, until nothing can create it',
  I16: 'a try is spent only by what the market or an offer showed',
  I17: 'nothing is signed after the time of the order, or that which it may wait',
  I18: 'an order that waits before its first quote is held to the price that it was accepted at',
  I19: 'in a healed world no venue calls fresh accounts old',
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** The run ends here: the protocol, its code or the simulation is wrong. */
export class Violation extends Error {
  override name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** @throws {Violation} Unless the condition holds. */
export function hold(condition: boolean, invariant: Invariant, text: () => string): asserts condition {
  if (!condition) throw new Violation(invariant, text());
}
