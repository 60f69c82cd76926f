import type { Config } from '../config/config.ts';
import { type ExecutionLimits, FIXED_LIMITS } from '../execution/limits.ts';

/** The execution's limits: those that are settings as configured, the others as fixed. */
export const limitsOf = (config: Config): ExecutionLimits => ({
  ...FIXED_LIMITS,
  maxTries: config.MAX_TRIES,
  maxWaitMs: config.MAX_WAIT_MS,
  quoteTimeoutMs: config.QUOTE_TIMEOUT_MS,
  maxLegs: config.MAX_ROUTE_LEGS,
  sweepDustLamports: BigInt(config.SWEEP_DUST_LAMPORTS),
  discoverPoolsMs: config.DISCOVER_POOLS_MS,
  maxQuoteAgeSlots: config.MAX_QUOTE_AGE_SLOTS,
  maxPriceImpactBps: config.MAX_PRICE_IMPACT_BPS,
  executionGuard: config.EXECUTION_GUARD,
  rehearse: config.REHEARSE,
  strictFromLamports: BigInt(config.STRICT_FROM_LAMPORTS),
  computeUnitPriceMicroLamports: BigInt(config.PRIORITY_FEE_MICRO_LAMPORTS),
  maxComputeUnitPriceMicroLamports: BigInt(config.PRIORITY_FEE_MAX_MICRO_LAMPORTS),
});
