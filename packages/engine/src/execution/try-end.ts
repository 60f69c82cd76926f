import type { Failure } from '../domain/failure.ts';
import type { Awaited } from '../domain/waiting.ts';

/** What ended a try before anything was signed. Each step of a try comes to one of these, or to what the next one needs. */
export type TryEnd = FailedTry | WaitingTry | UnansweredOffer;

/** The market, or an offer, said no: the try is spent. */
export interface FailedTry {
  readonly outcome: 'failed';
  readonly failure: Failure;
}

/** Something other than the market is away: no try is spent. */
export interface WaitingTry {
  readonly outcome: 'waits';
  readonly awaited: Awaited;
}

/** Who made the chosen offer could not be asked to build it: no try is spent, and others may be chosen. */
export interface UnansweredOffer {
  readonly outcome: 'unanswered';
  /** One sentence for a person. */
  readonly reason: string;
}

export const failed = (failure: Failure): FailedTry => ({ outcome: 'failed', failure });

export const waitsFor = (awaited: Awaited): WaitingTry => ({ outcome: 'waits', awaited });
