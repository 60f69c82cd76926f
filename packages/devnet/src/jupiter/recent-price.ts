import type { DevnetNode } from '../node.ts';

/** The recent price of landing, micro-lamports per compute unit, at a percentile of the latest slots (0 to 10,000). */
export function recentPrice({ prioritizationFees }: DevnetNode, percentileBps: number): bigint {
  const prices = prioritizationFees.recent([]).map(({ prioritizationFee }) => prioritizationFee);
  prices.sort((a, b) => Number(a - b));
  return prices[Math.floor(((prices.length - 1) * percentileBps) / 10_000)] ?? 0n;
}
