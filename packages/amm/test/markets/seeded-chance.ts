/** A deterministic source of chance: the same seed gives the same market everywhere. */
export interface Chance {
  /** At least 0, less than 1. */
  next(): number;
  between(low: number, high: number): number;
  /** As `between`, with every order of magnitude equally likely. */
  magnitude(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32 over a hash of the seed's text. */
export function seededChance(seed: string): Chance {
  let state = 0x9e3779b9;
  for (const character of seed)
    state = Math.imul(state ^ character.codePointAt(0)!, 0x85ebca6b) ^ (state >>> 13);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + (high - low) * next();
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  return {
    next,
    between,
    magnitude: (low, high) => Math.exp(between(Math.log(low), Math.log(high))),
    whole,
    pick: (from) => from[whole(0, from.length - 1)]!,
  };
}
