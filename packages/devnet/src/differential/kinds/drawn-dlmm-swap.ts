import type { MeteoraDlmmPool } from '@oee/amm';
import type { Draws } from '../draws.ts';

/** Mostly what the pool can give, or what must go in for that, so that swaps cross some bins and end within them. */
export function drawAmount(
  draws: Draws,
  { pool, inputIndex, isOut }: { pool: MeteoraDlmmPool; inputIndex: 0 | 1; isOut: boolean },
): bigint {
  if (draws.once(40)) return 0n;
  if (draws.once(12)) return draws.amount(10n ** 18n);
  const outIndex = inputIndex === 0 ? 1 : 0;
  const most = pool.bins.reduce((sum, bin) => {
    const isAhead = inputIndex === 0 ? bin.id <= pool.activeId : bin.id >= pool.activeId;
    if (!isAhead) return sum;
    const { orders, price } = bin;
    const fits = pool.hasLimitOrders && orders?.side === (inputIndex === 0 ? 'bid' : 'ask');
    const out = bin.amounts[outIndex] + (fits ? orders.open + orders.processed : 0n);
    if (isOut) return sum + out;
    return sum + (inputIndex === 0 ? (out << 64n) / (price || 1n) : (out * price) >> 64n);
  }, 0n);
  const bounded = most < 10n ** 18n ? most : 10n ** 18n;
  // More often a large part of the available amount than its last digits.
  return draws.once(3) ? draws.amount(bounded + 2n) : (bounded * BigInt(1 + draws.below(1_000))) / 1_000n;
}

/** Mostly all arrays in the order of the walk; sometimes one too few, or another order. */
export function drawArrays(
  draws: Draws,
  arrays: readonly number[],
  isXToY: boolean,
): { arrays: number[]; isWhole: boolean } {
  const walked = isXToY ? [...arrays].reverse() : [...arrays];
  const choice = draws.below(20);
  const at = draws.below(Math.max(1, walked.length));
  if (choice === 17) return { arrays: walked.filter((_, index) => index !== at), isWhole: false };
  if (choice === 18) return { arrays: [...walked.slice(at), ...walked.slice(0, at)], isWhole: false };
  if (choice === 19) return { arrays: [...walked].reverse(), isWhole: walked.length < 2 };
  return { arrays: walked, isWhole: true };
}
