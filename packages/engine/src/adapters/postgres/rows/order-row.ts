import { TOKEN_PROGRAM } from '@oee/solana';
import { amendedRequest } from '../../../domain/amended-request.ts';
import type { Fill, FillFees, Order, OrderRequest, Resting } from '../../../domain/order.ts';
import { toEpochMs } from '../../../domain/timestamp.ts';
import { type Mint, type Token, toMint } from '../../../domain/token.ts';
import { BLANK_FEES, BLANK_FILL, BLANK_ORDER, BLANK_REQUEST } from './blank-order.ts';
import { type AmountsOf, readDocument } from './document.ts';
import { REQUEST_COLUMNS, STATE_COLUMNS } from './order-columns.ts';

/** What `pg` reads of a column that has a field: bigint as a string, a time as a date. */
type Read<Whole, C> = C extends { type: infer T; from: infer F extends keyof Whole }
  ? T extends 'bigint'
    ? Extract<Whole[F], null> | string
    : T extends 'timestamptz'
      ? Extract<Whole[F], null> | Date
      : Whole[F]
  : C extends { type: 'json' }
    ? object
    : string;

/** A row of `orders`, without what the store keeps for itself. */
export type OrderRow = {
  readonly [C in keyof typeof REQUEST_COLUMNS]: Read<OrderRequest, (typeof REQUEST_COLUMNS)[C]>;
} & {
  readonly [C in keyof typeof STATE_COLUMNS]: Read<Order, (typeof STATE_COLUMNS)[C]>;
};

/** Every column from which an order is rebuilt, as a select list for the table alias `o`. */
export const ORDER_SELECT_LIST = [...Object.keys(REQUEST_COLUMNS), ...Object.keys(STATE_COLUMNS)]
  .map((column) => `o.${column}`)
  .join(', ');

const BLANK_RESTING: Resting = { firings: 0, stopFired: false, pausedUntilMs: null, amended: {} };
const REQUEST_AMOUNTS: AmountsOf<OrderRequest> = {
  amount: true,
  minAmountOut: true,
  maxAmountIn: true,
  seenAmount: true,
};
const ORDER_AMOUNTS: AmountsOf<Order> = { limitAmount: true, slot: true };
const FILL_AMOUNTS: AmountsOf<Fill> = { amountIn: true, amountOut: true };
const FEE_AMOUNTS: AmountsOf<FillFees> = {
  networkLamports: true,
  rentLamports: true,
  rentRefundedLamports: true,
};

export function toOrder(row: OrderRow): Order {
  const order = readDocument<Order>(BLANK_ORDER, row.state, ORDER_AMOUNTS);
  if (order.resting) order.resting = { ...BLANK_RESTING, ...order.resting };
  order.request = order.resting ? amendedRequest(toRequest(row), order.resting.amended) : toRequest(row);
  if (order.fill) order.fill = toFill(order.fill);
  order.status = row.status;
  order.sequence = row.sequence;
  order.attemptNumber = row.attempt_number;
  order.slot = row.slot === null ? null : BigInt(row.slot);
  order.cancelRequested = row.cancel_requested;
  order.needsReview = row.needs_review;
  order.finalized = row.finalized;
  order.waitingFor = row.waiting_for;
  order.signature = row.signature;
  return order;
}

function toRequest(row: OrderRow): OrderRequest {
  // What a blank stands for must never be traded.
  if (!('amount' in row.request)) throw new Error(`order ${row.order_id}: its request says no amount`);
  const request = readDocument<OrderRequest>(BLANK_REQUEST, row.request, REQUEST_AMOUNTS);
  request.orderId = row.order_id;
  request.accountId = row.account_id;
  request.clientOrderId = row.client_order_id;
  request.heldUntilMs = row.held_until ? toEpochMs(row.held_until.getTime()) : null;
  request.tokenIn = toToken(toMint(row.mint_in), request.tokenIn);
  request.tokenOut = toToken(toMint(row.mint_out), request.tokenOut);
  return request;
}

/** A document names no token program if it is the usual one. */
const toToken = (mint: Mint, { symbol, decimals, tokenProgram = TOKEN_PROGRAM }: Token): Token => ({
  mint,
  symbol,
  decimals,
  tokenProgram,
});

function toFill(document: Fill): Fill {
  const fill = readDocument<Fill>(BLANK_FILL, document, FILL_AMOUNTS);
  fill.fees = readDocument<FillFees>(BLANK_FEES, document.fees, FEE_AMOUNTS);
  return fill;
}
