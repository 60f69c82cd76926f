import { type Moment, msBetween } from './moment.ts';

/** What is known of the compute units of a shape. */
export interface KnownUnits {
  /** The most that one of the samples used. */
  readonly units: number;
  readonly samples: number;
  /** Milliseconds since the last sample. */
  readonly ageMs: number;
}

interface Sample {
  readonly units: number;
  readonly takenAt: Moment;
}

const MAX_SAMPLES = 20;
/** Samples that are older say nothing any more: pools change, and programs are replaced. */
export const MAX_SAMPLE_AGE_MS = 600_000;
const MAX_SHAPES = 1_000;

/** Compute units that swaps of each shape used lately, from simulations and landed transactions. */
export class ComputeUnitTable {
  /** By shape, the one that was noted last at the end. */
  readonly #samples = new Map<string, readonly Sample[]>();
  readonly #leastSamples: number;
  readonly #mostUnits: number;

  /**
   * @param bounds.leastSamples With fewer samples a shape is unknown.
   * @param bounds.mostUnits    Of any shape; what one without samples uses, if none are needed.
   */
  constructor({ leastSamples, mostUnits }: { readonly leastSamples: number; readonly mostUnits: number }) {
    this.#leastSamples = leastSamples;
    this.#mostUnits = mostUnits;
  }

  note(shape: string, units: number, takenAt: Moment): void {
    const before = this.#samples.get(shape) ?? [];
    this.#samples.delete(shape);
    this.#samples.set(shape, [...before, { units, takenAt }].slice(-MAX_SAMPLES));
    const [oldest] = this.#samples.keys();
    if (this.#samples.size > MAX_SHAPES && oldest !== undefined) this.#samples.delete(oldest);
  }

  /** A swap of this shape failed on the chain: nothing that was learned of the shape counts any more. */
  forget(shape: string): void {
    this.#samples.delete(shape);
  }

  /** Null if there are too few samples that are young enough. */
  known(shape: string, now: Moment): KnownUnits | null {
    const young = (this.#samples.get(shape) ?? []).filter(
      ({ takenAt }) => msBetween(takenAt, now) <= MAX_SAMPLE_AGE_MS,
    );
    if (young.length < this.#leastSamples) return null;
    const last = young.at(-1);
    if (!last) return { units: this.#mostUnits, samples: 0, ageMs: 0 };
    const units = Math.max(...young.map((sample) => sample.units));
    return { units, samples: young.length, ageMs: msBetween(last.takenAt, now) };
  }
}
