import type { RehearsalMode } from '../domain/order.ts';
import type { ExecutionGuard } from '../domain/receipt.ts';
import { LONGEST_REST_MS } from '../ports/order-store.ts';

/** Bounds of the execution; docs/configuration.md lists those that are settings, with their defaults. */
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
  /** How long a process watches a landed attempt before the word of one node of several makes it final. */
  readonly lateNodeMs: number;
  /** How often due orders without a worker are woken again. */
  readonly sweepMs: number;
  /** Whether orders that do not say so are always rehearsed. */
  readonly rehearse: RehearsalMode;
  /** A swap needs no rehearsal only if the compute units of so many swaps like it are known. */
  readonly leastRehearsals: number;
  /** Added to the simulated compute units, percent. */
  readonly computeUnitMarginPercent: number;
  /** Added for each leg of a swap before that, compute units: see `swapUnitLimitOf`. */
  readonly computeUnitsPerLeg: number;
  /** Lower limit of the priority fee for a compute unit. */
  readonly computeUnitPriceMicroLamports: bigint;
  /** Upper limit of the priority fee when the chain is busy. */
  readonly maxComputeUnitPriceMicroLamports: bigint;
  /** Maximum age of the pool data behind a quote, in slots. */
  readonly maxQuoteAgeSlots: number;
  /** Maximum price impact of a route. */
  readonly maxPriceImpactBps: number;
  /** Maximum number of legs in one route. */
  readonly maxLegs: number;
  /** Leftovers of an intermediate token worth at least this much are swapped automatically; 0: they stay in the wallet. */
  readonly sweepDustLamports: bigint;
  /** How often venues are asked for new pools; 0: only when a request names an unknown token. */
  readonly discoverPoolsMs: number;
  /** How long an order waits for an unavailable chain or venue before it expires; the order's `expiresAt` may end it earlier. */
  readonly maxWaitMs: number;
  /** How often the rent of receipts is collected. */
  readonly closeReceiptsMs: number;
  /** Guard of orders that choose none. */
  readonly executionGuard: ExecutionGuard;
  /** Orders worth at least this much use the strict guard unless they choose one; 0: the worth does not matter. */
  readonly strictFromLamports: bigint;
}

/** Limits that no setting changes; the others come from the settings (`packages/engine/src/main/limits-of.ts`). */
export const FIXED_LIMITS = {
  backoffMs: [1_000, 2_000],
  leaseMs: LONGEST_REST_MS,
  observeMs: 1_000,
  resendMs: 2_000,
  lateNodeMs: 60_000,
  sweepMs: 3_000, // With a lease of 30 s, a new worker continues the orders of a dead one within 35 s.
  leastRehearsals: 5,
  computeUnitMarginPercent: 20,
  computeUnitsPerLeg: 10_000,
  closeReceiptsMs: 60_000,
} as const satisfies Partial<ExecutionLimits>;
