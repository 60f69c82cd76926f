/** Everything random of one seed comes from here, so that the seed is the whole story. */
export interface Chance {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  /** True with this probability, 0 to 1. */
  happens(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/**
 * The generator sfc32 (Chris Doty-Humphrey, PractRand), 32-bit arithmetic only, so that every machine draws alike.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 */
export function createChance(seed: number): Chance {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = 0x9e3779b9;
  let counter = 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 15; round += 1) next();

  const fraction = (): number => next() / 2 ** 32;
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    between: (least, most) => least + below(most - least + 1),
    happens: (probability) => probability > 0 && fraction() < probability,
    pick: (list) => list[below(list.length)]!,
  };
}
