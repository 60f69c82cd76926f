import type { Failure } from '../domain/failure.ts';
import type { Awaited } from '../domain/waiting.ts';

/** Why a try ended before anything was signed. Each step of a try returns one of these, or the input of the next step. */
export type TryEnd = FailedTry | WaitingTry | UnansweredOffer;

/** The market or an offer ended the try: the try counts. */
export interface FailedTry {
  readonly outcome: 'failed';
  readonly failure: Failure;
}

/** Something other than the market is unavailable: the try does not count. */
export interface WaitingTry {
  readonly outcome: 'waits';
  readonly awaited: Awaited;
}

/** The venue of the chosen offer was unavailable to build it: the try does not count, and another offer may be chosen. */
export interface UnansweredOffer {
  readonly outcome: 'unanswered';
  /** One sentence for a person. */
  readonly reason: string;
}

export const failed = (failure: Failure): FailedTry => ({ outcome: 'failed', failure });

export const waitsFor = (awaited: Awaited): WaitingTry => ({ outcome: 'waits', awaited });
