import { amountBeforeTransferFee, type Pool, type PoolQuoteRequest, quote, type TransferFee } from '@oee/amm';
import type { Moved } from './drawn-kind.ts';
import type { Draws } from './draws.ts';

/**
 * The amounts by a swap's quote if the wallet holds `held` of the input and the instruction allows `limit`: the minimum
 * output for an exact input or partial fill, the maximum input for an exact output. Base units.
 *
 * @returns Null if the quote refuses an output of zero that the program allows (`paysZero`).
 */
export function quotedOutcome(
  pool: Pool,
  request: PoolQuoteRequest,
  { held, limit, paysZero = false }: { held: bigint; limit: bigint; paysZero?: boolean },
): Moved | 'refused' | null {
  const result = quote(pool, request);
  if (result.outcome === 'refused') return paysZero && result.reason === 'zero-amount-out' ? null : 'refused';
  const { amountIn, amountOut } = result.quote;
  const isWithin = request.swapMode === 'exactOut' ? amountIn <= limit : amountOut >= limit;
  return isWithin && amountIn <= held ? { amountIn, amountOut } : 'refused';
}

/** Output of a quoted swap from the pool's vault, the mint's fee included, base units; 0 if it is refused. */
export function leavingVault(pool: Pool, request: PoolQuoteRequest): bigint {
  const { transferFees = [null, null], inputIndex } = request;
  if (request.swapMode === 'exactOut')
    return amountBeforeTransferFee(transferFees[inputIndex === 0 ? 1 : 0], request.amountOut);
  const [fee0, fee1] = transferFees;
  const ofInput: [TransferFee | null, TransferFee | null] = inputIndex === 0 ? [fee0, null] : [null, fee1];
  const result = quote(pool, { ...request, transferFees: ofInput });
  return result.outcome === 'refused' ? 0n : result.quote.amountOut;
}

/** No limit, or exactly what is quoted, or one base unit better than that, which the program must refuse. */
export function drawLimit(
  draws: Draws,
  side: 'least' | 'most',
  ask: (limit: bigint) => Moved | 'refused' | null,
): bigint {
  const open = side === 'least' ? 0n : 2n ** 64n - 1n;
  const choice = draws.below(4);
  const quoted = ask(open);
  if (choice < 2 || quoted === 'refused' || quoted === null) return open;
  const better = choice === 3 ? 1n : 0n;
  return side === 'least' ? quoted.amountOut + better : quoted.amountIn - better;
}
