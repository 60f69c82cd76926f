/**
 * The point between `low`, where a growing function is negative, and `high`, where it is positive, at which its sign
 * changes, approached from below. Secants are exact where the function is linear. If one end stays, its value is halved
 * (the Illinois method); if that does not suffice, bisections follow until the other end moves, so that the search
 * converges on jumps too. Infinite values are allowed.
 *
 * @param ends   Values at `low` and `high`.
 */
export function findRoot(
  valueAt: (x: number) => number,
  [low, high]: readonly [number, number],
  [lowValue, highValue]: readonly [number, number],
): { below: number; above: number } {
  const ends = { low, high, lowValue, highValue };
  const width = (high - low) * 1e-13;
  let stayed = 0; // How often the same end has stayed: positive for the high end, negative for the low end.
  for (let step = 0; step < 64 && ends.high - ends.low > width; step += 1) {
    const isSecant = ends.highValue < Number.POSITIVE_INFINITY && ends.lowValue < 0 && Math.abs(stayed) < 2;
    const share = isSecant ? ends.lowValue / (ends.lowValue - ends.highValue) : 0.5;
    const x = ends.low + (ends.high - ends.low) * share;
    const value = valueAt(x);
    if (Math.abs(value) < 1e-12) return { below: x, above: x };
    if (value <= 0) {
      [ends.low, ends.lowValue] = [x, value];
      if (stayed > 0) ends.highValue /= 2;
      stayed = Math.max(stayed, 0) + 1;
    } else {
      [ends.high, ends.highValue] = [x, value];
      if (stayed < 0) ends.lowValue /= 2;
      stayed = Math.min(stayed, 0) - 1;
    }
  }
  return { below: ends.low, above: ends.high };
}
