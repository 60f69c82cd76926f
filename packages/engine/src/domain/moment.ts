declare const MOMENT: unique symbol;

/**
 * A moment of this process's monotonic clock, which is never set: for durations, deadlines and ages. It says nothing about
 * the time of day, means nothing to another process, and cannot be stored. Not a number, so that the compiler refuses to
 * mix it with epoch milliseconds; moments compare with `<` and `>`.
 */
export interface Moment {
  readonly [MOMENT]: never;
}

/** A reading of a monotonic clock, milliseconds from any beginning. For clocks and tests. */
export const momentOf = (ms: number): Moment => ms as unknown as Moment;

const readingOf = (moment: Moment): number => moment as unknown as number;

/** Milliseconds from one moment to another; negative if the other was before. */
export const msBetween = (from: Moment, to: Moment): number => readingOf(to) - readingOf(from);

/** The moment so many milliseconds after another. */
export const momentAfter = (moment: Moment, ms: number): Moment => momentOf(readingOf(moment) + ms);

/** Before everything: of what never happened yet. */
export const NEVER: Moment = momentOf(Number.NEGATIVE_INFINITY);
