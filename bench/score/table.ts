import { summaryOf } from '../../packages/amm/test/markets/statistics.ts';

export function printHeader(title: string): void {
  const columns = ['mean', 'p50', 'p90', 'p99', 'max'].map((name) => name.padStart(11)).join('');
  console.log(`\n${title.padEnd(34)}${columns}`);
}

export function printRow(name: string, values: readonly number[]): void {
  console.log(`${name.padEnd(34)}${summaryOf(values)}`);
}

export function gapBps(out: bigint, bound: number): number {
  return (1 - Number(out) / bound) * 1e4;
}
