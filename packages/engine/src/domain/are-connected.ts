/**
 * Whether a path of at most `maxHops` pairs leads from one mint to the other.
 *
 * @param pairs The two mints of each pool.
 */
export function areConnected(
  pairs: readonly (readonly [string, string])[],
  ends: { readonly from: string; readonly to: string; readonly maxHops: number },
): boolean {
  let reached = new Set([ends.from]);
  for (let hop = 0; hop < ends.maxHops && !reached.has(ends.to); hop += 1) {
    const further = pairs.flatMap(([one, other]) =>
      reached.has(one) ? [other] : reached.has(other) ? [one] : [],
    );
    reached = new Set([...reached, ...further]);
  }
  return reached.has(ends.to);
}
