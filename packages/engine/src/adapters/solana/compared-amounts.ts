import type { ComparedAmounts } from '../../ports/chain.ts';

const ERROR_LINE = /^Program log: AnchorError .*Error Number: (\d+)\./;
const VALUE_LINE = /^Program log: (?:Left|Right): (\d+)$/;

/** The two figures that an Anchor program logs after a comparison that failed with this code; null without them. */
export function anchorComparison(logs: readonly string[], code: number): ComparedAmounts | null {
  const at = logs.findLastIndex((line) => Number(ERROR_LINE.exec(line)?.[1]) === code);
  if (at < 0) return null;
  const [left, right] = logs.slice(at + 1, at + 3).map((line) => VALUE_LINE.exec(line)?.[1]);
  return left === undefined || right === undefined ? null : inOrder(BigInt(left), BigInt(right));
}

const inOrder = (one: bigint, other: bigint): ComparedAmounts =>
  one < other ? { smaller: one, larger: other } : { smaller: other, larger: one };
