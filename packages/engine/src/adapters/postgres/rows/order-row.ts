import type { FailureCode } from '../../../domain/failure.ts';
import type { Order, OrderType } from '../../../domain/order.ts';
import type { OrderStatus } from '../../../domain/order-status.ts';
import type { SwapMode } from '../../../domain/quote.ts';
import type { ExecutionGuard } from '../../../domain/receipt.ts';
import { splitRent } from '../../../domain/rent.ts';
import type { WaitCause } from '../../../domain/waiting.ts';

/** Columns of `orders` that a submission writes and nothing changes afterwards, with their SQL types. */
export const REQUEST_COLUMNS = {
  order_id: 'text',
  account_id: 'text',
  client_order_id: 'text',
  type: 'text',
  mint_in: 'text',
  symbol_in: 'text',
  decimals_in: 'smallint',
  token_program_in: 'text',
  mint_out: 'text',
  symbol_out: 'text',
  decimals_out: 'smallint',
  token_program_out: 'text',
  swap_mode: 'text',
  amount: 'numeric',
  slippage_bps: 'smallint',
  max_price_impact_bps: 'smallint',
  min_amount_out: 'numeric',
  max_amount_in: 'numeric',
  execution_guard: 'text',
  dialect: 'text',
  held_until: 'timestamptz',
  expires_at: 'timestamptz',
  seen_amount: 'numeric',
  created_at: 'timestamptz',
} as const;

/** Columns of `orders` that each transition writes, with their SQL types. */
export const STATE_COLUMNS = {
  status: 'text',
  sequence: 'integer',
  try_number: 'integer',
  attempt_number: 'integer',
  limit_amount: 'numeric',
  venue: 'text',
  quoted_price: 'text',
  signature: 'text',
  slot: 'bigint',
  fill_amount_in: 'numeric',
  fill_amount_out: 'numeric',
  network_lamports: 'numeric',
  rent_lamports: 'numeric',
  executed_price: 'text',
  failure_code: 'text',
  failure_reason: 'text',
  cancel_requested: 'boolean',
  needs_review: 'boolean',
  reorged: 'boolean',
  finalized: 'boolean',
  waiting_for: 'text',
  wait_since: 'timestamptz',
  left_out: 'text',
  updated_at: 'timestamptz',
} as const;

export type RequestRecord = { readonly [column in keyof typeof REQUEST_COLUMNS]: unknown };
export type StateRecord = { readonly [column in keyof typeof STATE_COLUMNS]: unknown };

/** A row of `orders` as `pg` reads it: numeric and bigint as strings, timestamps as dates. */
export interface OrderRow {
  readonly order_id: string;
  readonly account_id: string;
  readonly client_order_id: string | null;
  readonly type: OrderType;
  readonly mint_in: string;
  readonly symbol_in: string;
  readonly decimals_in: number;
  readonly token_program_in: string;
  readonly mint_out: string;
  readonly symbol_out: string;
  readonly decimals_out: number;
  readonly token_program_out: string;
  readonly swap_mode: SwapMode;
  readonly amount: string;
  readonly slippage_bps: number | null;
  readonly max_price_impact_bps: number | null;
  readonly min_amount_out: string | null;
  readonly max_amount_in: string | null;
  readonly execution_guard: ExecutionGuard;
  readonly dialect: string | null;
  readonly held_until: Date | null;
  readonly expires_at: Date | null;
  readonly seen_amount: string | null;
  readonly created_at: Date;
  readonly status: OrderStatus;
  readonly sequence: number;
  readonly try_number: number;
  readonly attempt_number: number;
  readonly limit_amount: string | null;
  readonly venue: string | null;
  readonly quoted_price: string | null;
  readonly signature: string | null;
  readonly slot: string | null;
  readonly fill_amount_in: string | null;
  readonly fill_amount_out: string | null;
  readonly network_lamports: string | null;
  readonly rent_lamports: string | null;
  readonly executed_price: string | null;
  readonly failure_code: FailureCode | null;
  readonly failure_reason: string | null;
  readonly cancel_requested: boolean;
  readonly needs_review: boolean;
  readonly reorged: boolean;
  readonly finalized: boolean;
  readonly waiting_for: WaitCause | null;
  readonly wait_since: Date | null;
  readonly left_out: string | null;
  readonly updated_at: Date;
}

/** Every column from which an order is rebuilt, as a select list for the table alias `o`. */
export const ORDER_SELECT_LIST = [...Object.keys(REQUEST_COLUMNS), ...Object.keys(STATE_COLUMNS)]
  .map((column) => `o.${column}`)
  .join(', ');

export const toRequestRecord = ({ request }: Order): RequestRecord => ({
  order_id: request.orderId,
  account_id: request.accountId,
  client_order_id: request.clientOrderId,
  type: request.type,
  mint_in: request.tokenIn.mint,
  symbol_in: request.tokenIn.symbol,
  decimals_in: request.tokenIn.decimals,
  token_program_in: request.tokenIn.tokenProgram,
  mint_out: request.tokenOut.mint,
  symbol_out: request.tokenOut.symbol,
  decimals_out: request.tokenOut.decimals,
  token_program_out: request.tokenOut.tokenProgram,
  swap_mode: request.swapMode,
  amount: request.amount,
  slippage_bps: request.slippageBps === 'auto' ? null : request.slippageBps,
  max_price_impact_bps: request.maxPriceImpactBps,
  min_amount_out: request.minAmountOut,
  max_amount_in: request.maxAmountIn,
  execution_guard: request.executionGuard,
  dialect: request.dialect,
  held_until: request.heldUntilMs,
  expires_at: request.expiresAtMs,
  seen_amount: request.seenAmount,
  created_at: request.createdAtMs,
});

export const toStateRecord = (order: Order): StateRecord => ({
  status: order.status,
  sequence: order.sequence,
  try_number: order.tryNumber,
  attempt_number: order.attemptNumber,
  limit_amount: order.limitAmount,
  venue: order.venue,
  quoted_price: order.quotedPrice,
  signature: order.signature,
  slot: order.slot,
  fill_amount_in: order.fill?.amountIn,
  fill_amount_out: order.fill?.amountOut,
  network_lamports: order.fill?.fees.networkLamports,
  rent_lamports: order.fill && order.fill.fees.rentLamports - order.fill.fees.rentRefundedLamports,
  executed_price: order.executedPrice,
  failure_code: order.failure?.code,
  failure_reason: order.failure?.reason,
  cancel_requested: order.cancelRequested,
  needs_review: order.needsReview,
  reorged: order.reorged,
  finalized: order.finalized,
  waiting_for: order.waitingFor,
  wait_since: order.waitSinceMs,
  left_out: order.leftOut.length === 0 ? null : order.leftOut.join(','),
  updated_at: order.updatedAtMs,
});

export const toOrder = (row: OrderRow): Order => ({
  request: {
    orderId: row.order_id,
    accountId: row.account_id,
    clientOrderId: row.client_order_id,
    type: row.type,
    tokenIn: {
      mint: row.mint_in,
      symbol: row.symbol_in,
      decimals: row.decimals_in,
      tokenProgram: row.token_program_in,
    },
    tokenOut: {
      mint: row.mint_out,
      symbol: row.symbol_out,
      decimals: row.decimals_out,
      tokenProgram: row.token_program_out,
    },
    swapMode: row.swap_mode,
    amount: BigInt(row.amount),
    slippageBps: row.slippage_bps ?? 'auto',
    maxPriceImpactBps: row.max_price_impact_bps,
    minAmountOut: integer(row.min_amount_out),
    maxAmountIn: integer(row.max_amount_in),
    executionGuard: row.execution_guard,
    dialect: row.dialect,
    heldUntilMs: row.held_until?.getTime() ?? null,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    seenAmount: integer(row.seen_amount),
    createdAtMs: row.created_at.getTime(),
  },
  status: row.status,
  sequence: row.sequence,
  tryNumber: row.try_number,
  attemptNumber: row.attempt_number,
  limitAmount: integer(row.limit_amount),
  venue: row.venue,
  quotedPrice: row.quoted_price,
  signature: row.signature,
  slot: integer(row.slot),
  fill: toFill(row),
  executedPrice: row.executed_price,
  failure: row.failure_code === null ? null : { code: row.failure_code, reason: row.failure_reason ?? '' },
  cancelRequested: row.cancel_requested,
  needsReview: row.needs_review,
  reorged: row.reorged,
  finalized: row.finalized,
  waitingFor: row.waiting_for,
  waitSinceMs: row.wait_since?.getTime() ?? null,
  leftOut: row.left_out?.split(',') ?? [],
  updatedAtMs: row.updated_at.getTime(),
});

function toFill(row: OrderRow): Order['fill'] {
  if (row.fill_amount_in === null) return null;
  return {
    amountIn: BigInt(row.fill_amount_in),
    amountOut: BigInt(row.fill_amount_out!),
    fees: {
      networkLamports: BigInt(row.network_lamports!),
      ...splitRent(BigInt(row.rent_lamports!)),
    },
  };
}

const integer = (value: string | null): bigint | null => (value === null ? null : BigInt(value));
