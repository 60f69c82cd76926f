import { type Moment, momentAfter, msBetween, NEVER } from '../../domain/moment.ts';

/** Health of one venue. */
export interface VenueRecord {
  /** Failures since its last answer, while other venues answered. */
  readonly failures: number;
  /** Not asked before this moment; null while it is asked. */
  readonly sidelinedUntil: Moment | null;
  readonly lastFailure: string | null;
}

/** Result of one round for a venue: null if it answered, otherwise the failure. */
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
 * A failure counts only if another venue answered: if no venue answers, the chain or the engine's network is at fault.
 */
export class VenueHealth {
  readonly #records = new Map<string, VenueRecord>();
  readonly #offers = new Map<string, VenueRecord>();
  /** When a failure of the venue to answer was counted last. */
  readonly #failedAt = new Map<string, Moment>();

  /** The worse of the health of its answers and of its offers. */
  of(venue: string): VenueRecord {
    const answers = this.#records.get(venue) ?? WELL;
    const offers = this.#offers.get(venue) ?? WELL;
    const until = ({ sidelinedUntil }: VenueRecord) => sidelinedUntil ?? NEVER;
    if (until(answers) !== until(offers)) return until(answers) > until(offers) ? answers : offers;
    return offers.failures > answers.failures ? offers : answers;
  }

  /** Why the venue is sidelined now; null if it is not. */
  sidelined(venue: string, now: Moment): string | null {
    const { failures, sidelinedUntil, lastFailure } = this.of(venue);
    if (sidelinedUntil === null || sidelinedUntil <= now) return null;
    const seconds = Math.ceil(msBetween(now, sidelinedUntil) / 1_000);
    return `sidelined for ${seconds} s more after ${failures} failures in a row, the last: ${lastFailure}`;
  }

  /**
   * Records the outcome of a chosen offer: null if it was signed, otherwise the failure. Three failed offers in a row sideline
   * the venue, even if it answers well.
   */
  noteOffer(venue: string, failure: string | null, now: Moment): void {
    if (failure === null) this.#offers.delete(venue);
    else fail(this.#offers, venue, failure, now);
  }

  /**
   * Rounds that ran at the same time and met the same failure count as one failure, for any number of orders.
   *
   * @param askedAt When the round began.
   */
  note(round: RoundResult, now: Moment, askedAt: Moment = now): void {
    const hasAnswer = [...round.values()].includes(null);
    for (const [venue, failure] of round) {
      if (failure === null) this.#records.delete(venue);
      else if (hasAnswer && askedAt >= (this.#failedAt.get(venue) ?? NEVER)) {
        fail(this.#records, venue, failure, now);
        this.#failedAt.set(venue, now);
      }
    }
  }
}

function fail(records: Map<string, VenueRecord>, venue: string, lastFailure: string, now: Moment): void {
  const failures = (records.get(venue)?.failures ?? 0) + 1;
  const doublings = failures - FAILURES_ALLOWED;
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** doublings, LONGEST_PAUSE_MS);
  const sidelinedUntil = doublings < 0 ? null : momentAfter(now, pauseMs);
  records.set(venue, { failures, sidelinedUntil, lastFailure });
}
