/**
 * What an order waits for when something other than the market keeps it from going on. Codes are part of the wire
 * contract. In rising order: if several apply, the last one is reported.
 */
export const WAIT_CAUSES = {
  engine_late: 'The engine itself was too late to hear the venues.',
  venues_unavailable: 'Every venue that could trade the pair failed to answer.',
  market_data_old: "The chain's accounts are older than a quote may be.",
  chain_unavailable: 'The chain gives no answer.',
} as const;

export type WaitCause = keyof typeof WAIT_CAUSES;

/** Why a try cannot go on now. It costs no try: the market said nothing. */
export interface Awaited {
  readonly awaits: WaitCause;
  /** One sentence for a person. */
  readonly reason: string;
}

const RANKS = Object.keys(WAIT_CAUSES);

/** Whether a cause tells more than the one that is known, so that an order says each of them once at most while it waits. */
export const tellsMore = (cause: WaitCause, known: WaitCause | null): boolean =>
  known === null || RANKS.indexOf(cause) > RANKS.indexOf(known);
