import type { RouteRequest } from './plan-swap.ts';
import { address, amount, exchanges, flag, oneOf, pair, refuse, whole } from './query-values.ts';

/** A request to `GET /swap/v2/build`; parameters as in Jupiter's OpenAPI document (jup-ag/docs, swap/v2). */
export interface BuildRequest extends RouteRequest {
  readonly taker: string;
  readonly wrapAndUnwrapSol: boolean;
  /** Receiver of the output; null for the taker's own token account. */
  readonly destinationTokenAccount: string | null;
  readonly blockhashSlotsToExpiry: number;
  /** Of recent prices per compute unit, 0 to 10,000. */
  readonly pricePercentileBps: number;
}

const PERCENTILES: Readonly<Record<string, number>> = { medium: 2_500, high: 5_000, veryHigh: 7_500 };
/** Parameters of Jupiter without a counterpart on a local chain. */
const NOT_SERVED = ['feeAccount', 'nativeDestinationAccount', 'tipAmount'];

/** @throws {SwapApiRefusal} 400 with what is wrong. Parameters that Jupiter does not know are passed over, as there. */
export function parseBuildRequest(query: URLSearchParams): BuildRequest {
  for (const name of NOT_SERVED) if (query.has(name)) refuse(`${name} is not served by the devnet`);
  const taker = address(query, 'taker');
  if ((query.get('payer') ?? taker) !== taker)
    refuse('payer is not served by the devnet unless it is the taker');
  if ((query.get('platformFeeBps') ?? '0') !== '0') refuse('platformFeeBps is not served by the devnet');
  if ((query.get('swapMode') ?? 'ExactIn') !== 'ExactIn') refuse('swapMode must be ExactIn');
  const tokens = pair(query);
  const isFast = query.has('mode') && oneOf(query, 'mode', ['fast']) === 'fast';
  return {
    ...exchanges(query),
    ...tokens,
    amount: amount(query),
    taker,
    slippageBps: whole(query, 'slippageBps', { fallback: 50, least: 0, most: 10_000 }),
    search: isFast ? 'fast' : 'best',
    maxAccounts: whole(query, 'maxAccounts', { fallback: 64, least: 1, most: 64 }),
    wrapAndUnwrapSol: flag(query, 'wrapAndUnwrapSol', true),
    destinationTokenAccount: query.has('destinationTokenAccount')
      ? address(query, 'destinationTokenAccount')
      : null,
    blockhashSlotsToExpiry: whole(query, 'blockhashSlotsToExpiry', { fallback: 150, least: 1, most: 300 }),
    pricePercentileBps: percentile(query, isFast ? 9_000 : 5_000),
  };
}

function percentile(query: URLSearchParams, fallback: number): number {
  const named = PERCENTILES[query.get('computeUnitPricePercentile') ?? ''];
  return named ?? whole(query, 'computeUnitPricePercentile', { fallback, least: 0, most: 10_000 });
}
