import { createHash } from 'node:crypto';

/** The market's only source of randomness: the same seed and labels always give the same bytes. */
export function seededBytes(seed: string, ...labels: (string | number | bigint)[]): Buffer {
  return createHash('sha256')
    .update(`devnet-market\0${seed}\0${labels.join('\0')}`)
    .digest();
}

/** A cheap stream of integers from one hash, for the decisions of one slot. */
export interface SeededDraws {
  /** An integer from 0 to `bound - 1`; `bound` is at most 2^32. */
  below(bound: number): number;
}

export function seededDraws(seed: string, ...labels: (string | number | bigint)[]): SeededDraws {
  let block = seededBytes(seed, ...labels);
  let position = 0;
  return {
    below(bound) {
      if (position === block.length) {
        block = createHash('sha256').update(block).digest();
        position = 0;
      }
      const value = block.readUInt32LE(position);
      position += 4;
      return Math.floor((value * bound) / 2 ** 32);
    },
  };
}
