import type { Attempt, AttemptState, FillAccounts } from '../../domain/attempt.ts';
import type { FailureCode } from '../../domain/failure.ts';
import type { Order, OrderType } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { isTerminal, type OrderStatus } from '../../domain/order-status.ts';
import type { SwapMode } from '../../domain/quote.ts';
import { toTimestamp } from '../../domain/timestamp.ts';

/** The columns of `orders` that a transition rewrites, as JSON for the statement. */
export function toProjection(order: Order) {
  return {
    status: order.status,
    sequence: order.sequence,
    try_number: order.tryNumber,
    attempt_number: order.attemptNumber,
    limit_amount: toText(order.limitAmount),
    venue: order.venue,
    quoted_price: order.quotedPrice,
    signature: order.signature,
    slot: toText(order.slot),
    filled_in: toText(order.fill?.amountIn),
    filled_out: toText(order.fill?.amountOut),
    network_lamports: toText(order.fill?.fees.networkLamports),
    rent_lamports: toText(order.fill?.fees.rentLamports),
    executed_price: order.executedPrice,
    failure_code: order.failure?.code ?? null,
    failure_reason: order.failure?.reason ?? null,
    reorged: order.reorged,
    finalized: order.finalized,
    updated_at: toTimestamp(order.updatedAtMs),
    terminal: isTerminal(order.status),
  };
}

/** The columns of `orders` that never change. */
export function toRequestColumns({ request }: Order) {
  const { tokenIn, tokenOut } = request;
  return {
    order_id: request.orderId,
    account_id: request.accountId,
    client_order_id: request.clientOrderId,
    type: request.type,
    swap_mode: request.swapMode,
    mint_in: tokenIn.mint,
    symbol_in: tokenIn.symbol,
    decimals_in: tokenIn.decimals,
    token_program_in: tokenIn.tokenProgram,
    mint_out: tokenOut.mint,
    symbol_out: tokenOut.symbol,
    decimals_out: tokenOut.decimals,
    token_program_out: tokenOut.tokenProgram,
    amount: request.amount.toString(),
    slippage_bps: request.slippageBps,
    min_amount_out: toText(request.minAmountOut),
    max_amount_in: toText(request.maxAmountIn),
    created_at: toTimestamp(request.createdAtMs),
  };
}

export const toEventColumns = (event: OrderEvent) => ({
  sequence: event.sequence,
  type: event.type,
  status: event.status,
  occurred_at: event.timestamp,
  data: event.data,
});

/** A row of `orders` as the driver returns it: numeric and bigint as text, times as Date. */
export interface OrderRow {
  readonly order_id: string;
  readonly account_id: string;
  readonly client_order_id: string | null;
  readonly idempotency_key: string | null;
  readonly fingerprint: string;
  readonly type: OrderType;
  readonly swap_mode: SwapMode;
  readonly mint_in: string;
  readonly symbol_in: string;
  readonly decimals_in: number;
  readonly token_program_in: string;
  readonly mint_out: string;
  readonly symbol_out: string;
  readonly decimals_out: number;
  readonly token_program_out: string;
  readonly amount: string;
  readonly slippage_bps: number;
  readonly min_amount_out: string | null;
  readonly max_amount_in: string | null;
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
  readonly filled_in: string | null;
  readonly filled_out: string | null;
  readonly network_lamports: string | null;
  readonly rent_lamports: string | null;
  readonly executed_price: string | null;
  readonly failure_code: FailureCode | null;
  readonly failure_reason: string | null;
  readonly reorged: boolean;
  readonly finalized: boolean;
  readonly updated_at: Date;
  readonly fence: number;
}

export function toOrder(row: OrderRow): Order {
  return {
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
      slippageBps: row.slippage_bps,
      minAmountOut: toBigInt(row.min_amount_out),
      maxAmountIn: toBigInt(row.max_amount_in),
      createdAtMs: row.created_at.getTime(),
    },
    status: row.status,
    sequence: row.sequence,
    tryNumber: row.try_number,
    attemptNumber: row.attempt_number,
    limitAmount: toBigInt(row.limit_amount),
    venue: row.venue,
    quotedPrice: row.quoted_price,
    signature: row.signature,
    slot: toBigInt(row.slot),
    fill:
      row.filled_in === null || row.filled_out === null
        ? null
        : {
            amountIn: BigInt(row.filled_in),
            amountOut: BigInt(row.filled_out),
            fees: {
              networkLamports: BigInt(row.network_lamports ?? 0),
              rentLamports: BigInt(row.rent_lamports ?? 0),
            },
          },
    executedPrice: row.executed_price,
    failure: row.failure_code && { code: row.failure_code, reason: row.failure_reason ?? '' },
    reorged: row.reorged,
    finalized: row.finalized,
    updatedAtMs: row.updated_at.getTime(),
  };
}

export interface EventRow {
  readonly order_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly status: string;
  readonly occurred_at: Date;
  readonly data: unknown;
}

/** What was written was a checked OrderEvent, and rows of the log never change. */
export const toEvent = (row: EventRow): OrderEvent =>
  ({
    orderId: row.order_id,
    sequence: row.sequence,
    type: row.type,
    status: row.status,
    timestamp: toTimestamp(row.occurred_at.getTime()),
    data: row.data,
  }) as OrderEvent;

/** A row of `attempts`. */
export interface AttemptRow {
  readonly order_id: string;
  readonly attempt_number: number;
  readonly signature: string;
  readonly bytes: Buffer;
  readonly last_valid_block_height: string;
  readonly signing_slot: string;
  readonly fill_accounts: FillAccounts;
  readonly state: AttemptState;
  readonly slot: string | null;
  readonly finalized: boolean;
  readonly recorded_at: Date;
}

export const toAttempt = (row: AttemptRow): Attempt => ({
  orderId: row.order_id,
  attemptNumber: row.attempt_number,
  signature: row.signature,
  bytes: new Uint8Array(row.bytes),
  lastValidBlockHeight: BigInt(row.last_valid_block_height),
  signingSlot: BigInt(row.signing_slot),
  fillAccounts: row.fill_accounts,
  state: row.state,
  slot: toBigInt(row.slot),
  finalized: row.finalized,
  recordedAtMs: row.recorded_at.getTime(),
});

export const toAttemptColumns = (attempt: Attempt) => ({
  attempt_number: attempt.attemptNumber,
  signature: attempt.signature,
  bytes: Buffer.from(attempt.bytes).toString('hex'),
  last_valid_block_height: attempt.lastValidBlockHeight.toString(),
  signing_slot: attempt.signingSlot.toString(),
  fill_accounts: attempt.fillAccounts,
  state: attempt.state,
  slot: toText(attempt.slot),
  finalized: attempt.finalized,
  recorded_at: toTimestamp(attempt.recordedAtMs),
});

const toText = (value: bigint | null | undefined): string | null => value?.toString() ?? null;
const toBigInt = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
