import { type Moment, momentAfter, msBetween } from '../domain/moment.ts';

/** How a venue has been answering. */
export interface VenueRecord {
  /** Failures since its last answer, while other venues answered. */
  readonly failures: number;
  /** Not asked before this moment; null while it is asked. */
  readonly sidelinedUntil: Moment | null;
  readonly lastFailure: string | null;
}

/** What one round of questions showed of a venue: null if it answered, otherwise what went wrong. */
export type RoundResult = ReadonlyMap<string, string | null>;

const FAILURES_ALLOWED = 3;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
const WELL: VenueRecord = { failures: 0, sidelinedUntil: null, lastFailure: null };

/**
 * Keeps venues that fail from delaying every order.
 *
 * well       it is asked; three failures in a row sideline it
 * sidelined  it is not asked until its pause is over; then it is asked again: an answer makes it well, a failure doubles
 *            the pause, up to a minute
 *
 * A failure counts only while another venue answered: when nobody answers it is the chain, or our own network.
 */
export class VenueHealth {
  readonly #records = new Map<string, VenueRecord>();

  of(venue: string): VenueRecord {
    return this.#records.get(venue) ?? WELL;
  }

  /** Why the venue is not to be asked now; null if it is. */
  sidelined(venue: string, now: Moment): string | null {
    const { failures, sidelinedUntil, lastFailure } = this.of(venue);
    if (sidelinedUntil === null || sidelinedUntil <= now) return null;
    const seconds = Math.ceil(msBetween(now, sidelinedUntil) / 1_000);
    return `sidelined for ${seconds} s more after ${failures} failures in a row, the last: ${lastFailure}`;
  }

  note(round: RoundResult, now: Moment): void {
    const hasAnswer = [...round.values()].includes(null);
    for (const [venue, failure] of round) {
      if (failure === null) this.#records.delete(venue);
      else if (hasAnswer) this.#fail(venue, failure, now);
    }
  }

  #fail(venue: string, lastFailure: string, now: Moment): void {
    const failures = this.of(venue).failures + 1;
    const doublings = failures - FAILURES_ALLOWED;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** doublings, LONGEST_PAUSE_MS);
    const sidelinedUntil = doublings < 0 ? null : momentAfter(now, pauseMs);
    this.#records.set(venue, { failures, sidelinedUntil, lastFailure });
  }
}
