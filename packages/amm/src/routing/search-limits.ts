/** The part of a transaction that one more leg uses. */
export interface LegCost {
  readonly accounts: number;
  readonly bytes: number;
  readonly computeUnits: number;
}

/** Limits of a plan's legs together; absent means no limit. */
export interface SearchLimits {
  readonly maxLegs?: number | undefined;
  readonly maxAccounts?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxComputeUnits?: number | undefined;
}

export function isWithin(limits: SearchLimits, costs: readonly LegCost[], edges: readonly number[]): boolean {
  const total = { accounts: 0, bytes: 0, computeUnits: 0 };
  for (const edge of edges) {
    total.accounts += costs[edge]!.accounts;
    total.bytes += costs[edge]!.bytes;
    total.computeUnits += costs[edge]!.computeUnits;
  }
  return (
    edges.length <= (limits.maxLegs ?? Number.POSITIVE_INFINITY) &&
    total.accounts <= (limits.maxAccounts ?? Number.POSITIVE_INFINITY) &&
    total.bytes <= (limits.maxBytes ?? Number.POSITIVE_INFINITY) &&
    total.computeUnits <= (limits.maxComputeUnits ?? Number.POSITIVE_INFINITY)
  );
}
