import { type BaseUnits, showAmount } from '../../domain/amount.ts';
import type { Order } from '../../domain/order.ts';
import { allowedMove, type PriceMove, priceMove } from '../../domain/price-move.ts';
import type { SwapMode } from '../../domain/quote.ts';
import { isSol, SOL_DECIMALS } from '../../domain/token.ts';
import type { TransactionError } from '../../ports/chain.ts';
import type { Ports } from '../ports.ts';

/** The chain's error of an order's transaction, simulated or landed. */
export interface Refused {
  readonly error: TransactionError;
  /** Of the whole order: least output, or (exactOut) most input. Base units. */
  readonly limitAmount: BaseUnits | null;
  /** What the transaction costs beside the swap, where its parts are at hand. Lamports. */
  readonly networkFee?: BaseUnits;
}

/**
 * The order's figures that belong to the error, in token units, as sentences: its limit and what the swap would have come to,
 * or what it needs and what the wallet has. Empty for any other error.
 *
 * @throws {ChainUnavailable} What the wallet holds could not be read.
 */
export async function describeFigures(ports: Ports, order: Order, refused: Refused): Promise<string> {
  switch (refused.error.kind) {
    case 'slippage':
      return refused.limitAmount === null ? '' : ` ${limitOf(order, refused.error, refused.limitAmount)}`;
    case 'insufficientFunds':
      return ` ${await shortage(ports, order, refused)}`;
    default:
      return '';
  }
}

/** How far the price had moved, where that is what the chain refused; undefined for any other error. */
export function moveOf(
  { request }: Order,
  { error, limitAmount }: Pick<Refused, 'error' | 'limitAmount'>,
): PriceMove | undefined {
  if (error.kind !== 'slippage' || limitAmount === null) return undefined;
  const offered = wouldMove(request.swapMode, error, limitAmount);
  return offered === undefined
    ? allowedMove(request, limitAmount)
    : priceMove(request, limitAmount, { offered, limit: limitAmount });
}

/**
 * What the swap would have given (exactOut: taken), where the program compared it with the order's limit. A leg of a longer
 * route has a limit of its own, and its figure says nothing of the order.
 */
function wouldMove(
  swapMode: SwapMode,
  { compared }: TransactionError,
  limitAmount: BaseUnits,
): BaseUnits | undefined {
  const [limit, other] =
    swapMode === 'exactOut' ? [compared?.smaller, compared?.larger] : [compared?.larger, compared?.smaller];
  return limit === limitAmount ? other : undefined;
}

function limitOf({ request }: Order, error: TransactionError, limitAmount: BaseUnits): string {
  const isExactOut = request.swapMode === 'exactOut';
  const token = isExactOut ? request.tokenIn : request.tokenOut;
  const other = wouldMove(request.swapMode, error, limitAmount);
  const sentence = isExactOut
    ? `The order pays at most ${showAmount(limitAmount, token)}`
    : `The order takes no less than ${showAmount(limitAmount, token)}`;
  if (other === undefined) return `${sentence}.`;
  return `${sentence}; the swap would have ${isExactOut ? 'taken' : 'given'} ${showAmount(other, token)}.`;
}

/** The missing funds: the input, or SOL for fees and rent. */
async function shortage(
  { chain, signer }: Ports,
  { request }: Order,
  { error, limitAmount, networkFee }: Refused,
): Promise<string> {
  const { tokenIn, swapMode, amount } = request;
  const { lamports, tokens } = await chain.anyNode.holdings(signer.address);
  const needed = swapMode === 'exactOut' ? (limitAmount ?? 0n) : amount;
  const held = isSol(tokenIn) ? lamports : (tokens.get(tokenIn.mint) ?? 0n);
  if (held < needed)
    return `It needs ${showAmount(needed, tokenIn)} and the wallet has ${showAmount(held, tokenIn)}.`;
  if (error.lamports)
    return `It needs ${sol(error.lamports.needed)} where ${sol(error.lamports.held)} is left; the wallet has ${sol(lamports)}.`;
  if (networkFee === undefined)
    return `It needed ${showAmount(needed, tokenIn)}, its network fee and rent; the wallet has ${showAmount(held, tokenIn)}${isSol(tokenIn) ? '' : ` and ${sol(lamports)}`} now.`;
  const spent = isSol(tokenIn) ? needed : 0n;
  return `It needs ${sol(networkFee + spent)} with its network fee, and rent beside it; the wallet has ${sol(lamports)}.`;
}

const sol = (lamports: BaseUnits): string => showAmount(lamports, { decimals: SOL_DECIMALS, symbol: 'SOL' });
