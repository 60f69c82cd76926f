import type { ExecutionGuard } from '../domain/receipt.ts';
import { LONGEST_REST_MS } from '../ports/order-store.ts';

/** Bounds of the execution; docs/configuration.md says which can be set. */
export interface ExecutionLimits {
  /** Tries of one order before it fails. */
  readonly maxTries: number;
  /** Pause before try 2, 3, …; the last one repeats. Jittered by 20 % either way. */
  readonly backoffMs: readonly number[];
  /** How long venues may take to answer. */
  readonly quoteTimeoutMs: number;
  /** How long a claim lasts without a renewal. */
  readonly leaseMs: number;
  /** How often open attempts are polled when no slot hint arrives. */
  readonly observeMs: number;
  /** How often the bytes of an open attempt are sent again. */
  readonly resendMs: number;
  /** For so long after its record an attempt waits for a node that does not show it as final yet. */
  readonly lateNodeMs: number;
  /** How often due orders without a worker are woken again. */
  readonly sweepMs: number;
  /** Added to the simulated compute units, percent. */
  readonly computeUnitMarginPercent: number;
  /** Least that is offered for a compute unit. */
  readonly computeUnitPriceMicroLamports: bigint;
  /** Most that is offered when the chain is busy. */
  readonly maxComputeUnitPriceMicroLamports: bigint;
  /** Slots that the accounts behind a quote may be behind the newest one. */
  readonly maxQuoteAgeSlots: number;
  /** Loss to the order's own size beyond which a route is not taken. */
  readonly maxPriceImpactBps: number;
  /** Legs of one route. */
  readonly maxLegs: number;
  /** Worth from which what a route leaves of an intermediate token is swapped on; 0: it stays in the wallet. */
  readonly sweepDustLamports: bigint;
  /** How often venues are asked for new pools; 0: only when somebody names a token that is not known. */
  readonly discoverPoolsMs: number;
  /** How long an order waits for something that is away, unless it says itself when it expires. */
  readonly maxWaitMs: number;
  /** How often the rent of receipts is collected. */
  readonly closeReceiptsMs: number;
  /** Of orders that name none. */
  readonly executionGuard: ExecutionGuard;
  /** Worth from which an order that names no guard is strict; 0: none is for its size. */
  readonly strictFromLamports: bigint;
}

export const DEFAULT_LIMITS: ExecutionLimits = {
  maxTries: 3,
  backoffMs: [1_000, 2_000],
  quoteTimeoutMs: 1_000,
  leaseMs: LONGEST_REST_MS,
  observeMs: 1_000,
  resendMs: 2_000,
  lateNodeMs: 60_000,
  sweepMs: 3_000, // With a lease of 30 s, the orders of a dead worker go on within 35 s.
  computeUnitMarginPercent: 20,
  computeUnitPriceMicroLamports: 0n,
  maxComputeUnitPriceMicroLamports: 1_000_000n,
  maxQuoteAgeSlots: 20,
  maxPriceImpactBps: 1_000,
  maxLegs: 5,
  sweepDustLamports: 0n,
  discoverPoolsMs: 10_000,
  maxWaitMs: 600_000,
  closeReceiptsMs: 60_000,
  executionGuard: 'protocol',
  strictFromLamports: 0n, // The setting's default is another: here the size of an order decides nothing unless asked to.
};
