import { seededDraws } from '../market/seeded-hash.ts';

/**
 * The choices that one pool or one swap is made of. Every choice is a number that can be kept and taken back, so that a
 * case can be replayed and made smaller: a generator must treat 0 as its simplest choice.
 */
export class Draws {
  /** The numbers drawn so far. */
  readonly taken: number[] = [];
  private readonly next: (bound: number) => number;

  private constructor(next: (bound: number) => number) {
    this.next = next;
  }

  static seeded(seed: string, ...labels: (string | number)[]): Draws {
    const source = seededDraws(seed, ...labels);
    return new Draws((bound) => source.below(bound));
  }

  /** Replays the numbers of an earlier run, and 0 after their end. */
  static replayed(numbers: readonly number[]): Draws {
    let position = 0;
    return new Draws((bound) => Math.min(numbers[position++] ?? 0, bound - 1));
  }

  /** An integer from 0 to `bound - 1`; `bound` is at most 2^32. */
  below(bound: number): number {
    const value = this.next(bound);
    this.taken.push(value);
    return value;
  }

  /** True once in `times`; false is the simple case. */
  once(times: number): boolean {
    return this.below(times) === times - 1;
  }

  /** One of the choices, the simplest first. */
  pick<const T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** An integer from 1 to about `most`, on a logarithmic scale: as many of one digit as of fifteen. */
  amount(most: bigint): bigint {
    const bits = this.below(most.toString(2).length);
    return (1n << BigInt(bits)) + ((BigInt(this.below(2 ** 32)) << BigInt(bits)) >> 32n);
  }
}
