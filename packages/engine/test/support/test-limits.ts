import { readConfig } from '../../src/config/config.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import { limitsOf } from '../../src/main/limits-of.ts';

/** The limits of an engine without settings, except that an order's worth decides nothing: a test asks for that itself. */
export const TEST_LIMITS: ExecutionLimits = {
  ...limitsOf(readConfig({})),
  sweepDustLamports: 0n,
  strictFromLamports: 0n,
};
