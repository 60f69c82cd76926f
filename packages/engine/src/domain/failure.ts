import type { PriceMove } from './price-move.ts';

/** Why a try or an order did not execute. Codes are part of the wire contract and are never reused. */
export const FAILURES = {
  no_route: 'No venue offered a quote for this order.',
  price_moved: 'Every quote is now below the minimum output that the first quote fixed.',
  min_amount_out_not_met: 'The best quote is below the minimum output that the order asks for.',
  max_amount_in_exceeded: 'The best quote takes more input than the order allows.',
  price_impact_too_high: 'The price impact of every route is above the limit.',
  insufficient_funds: 'The wallet does not hold enough of the input token or of SOL for fees.',
  slippage_exceeded: 'The pool moved beyond the slippage tolerance before the swap ran.',
  simulation_failed: 'The transaction failed in simulation.',
  transaction_reverted: 'The transaction landed and reverted; nothing was swapped, the network fee was paid.',
  attempt_expired: 'The transaction did not land before its blockhash expired; it can never land now.',
  offer_not_built: 'The venue failed to build the swap that it had offered.',
  policy_refused: 'The signer refused the transaction: it is outside the signing policy.',
  chain_unavailable: 'The chain could not be reached to build a transaction.',
  transaction_too_large: 'The route does not fit into one transaction.',
  receipt_exists:
    "The order's receipt exists on the chain, though no known transaction created it: it needs review.",
  not_landed:
    'An operator decided, with evidence, that no transaction of the order landed or can still land.',
  internal_error: 'The engine met an unexpected error before anything was signed.',
} as const;

export type FailureCode = keyof typeof FAILURES;

export interface Failure {
  readonly code: FailureCode;
  /** One sentence for a person: what happened, with its figures. */
  readonly reason: string;
  /** Where the price moved beyond the tolerance. */
  readonly priceMove?: PriceMove;
}

/** A failure with its standard sentence, or a more exact one. */
export const failure = (
  code: FailureCode,
  reason: string = FAILURES[code],
  priceMove?: PriceMove,
): Failure => ({ code, reason, ...(priceMove && { priceMove }) });
