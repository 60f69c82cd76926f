/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean, p50, p90, p99 and maximum in one line of fixed width. */
export function summaryOf(values: readonly number[]): string {
  const parts = [mean(values), ...[0.5, 0.9, 0.99, 1].map((share) => percentile(values, share))];
  return parts.map((value) => value.toPrecision(3).padStart(11)).join('');
}
