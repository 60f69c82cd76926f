/**
 * What an order waits for when something other than the market keeps it from going on. Codes are part of the wire
 * contract. In rising order: if several apply, the last one is reported.
 */
export const WAIT_CAUSES = {
  engine_late: "The engine read the venues' answers too late.",
  venues_unavailable: 'Every venue that could trade the pair failed to answer.',
  market_data_old: 'The pool data is too old for a quote.',
  chain_unavailable: 'The chain does not answer.',
} as const;

export type WaitCause = keyof typeof WAIT_CAUSES;

/** Why a try cannot continue now. It uses up no try, since no venue answered about the market. */
export interface Awaited {
  readonly awaits: WaitCause;
  /** One sentence for a person. */
  readonly reason: string;
}

const RANKS = Object.keys(WAIT_CAUSES);

/** Whether a cause ranks higher than the known one, so that a waiting order reports each cause at most once. */
export const tellsMore = (cause: WaitCause, known: WaitCause | null): boolean =>
  known === null || RANKS.indexOf(cause) > RANKS.indexOf(known);
