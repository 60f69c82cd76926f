import {
  type Attempt,
  type AttemptState,
  type FillAccounts,
  NO_FILL_ACCOUNTS,
} from '../../../domain/attempt.ts';
import { toBlockHeight } from '../../../domain/block-height.ts';
import type { OrderId } from '../../../domain/order.ts';
import type { Signature } from '../../../domain/signature.ts';
import { toEpochMs } from '../../../domain/timestamp.ts';
import { STATUS_WHILE } from '../../../domain/transitions.ts';
import { rowType } from './row-type.ts';

/** A row of `attempts` as `pg` reads it: bigint as strings. */
export interface AttemptRow {
  readonly order_id: OrderId;
  readonly attempt_number: number;
  readonly signature: Signature;
  /** Null once the order can change no more and its space was given back. */
  readonly bytes: Buffer | null;
  readonly last_valid_block_height: string;
  readonly signing_slot: string;
  readonly fill_accounts: FillAccounts | null;
  readonly state: AttemptState;
  readonly slot: string | null;
  readonly finalized: boolean;
  readonly recorded_at: Date;
}

/** Columns that recording an attempt writes, with their SQL types: of `attempts`, and of `transactions`. */
export const RECORDED_COLUMNS = {
  order_id: 'text',
  attempt_number: 'integer',
  signature: 'text',
  bytes: 'bytea',
  last_valid_block_height: 'bigint',
  signing_slot: 'bigint',
  fill_accounts: 'json',
  recorded_at: 'timestamptz',
} as const;

const { bytes, fill_accounts, ...attemptColumns } = RECORDED_COLUMNS;
export const ATTEMPT_COLUMNS = attemptColumns;
const { order_id, attempt_number } = RECORDED_COLUMNS;
export const TRANSACTION_COLUMNS = { order_id, attempt_number, bytes, fill_accounts };

/** Rows of attempts that can never land any more. */
export const CLOSED_ATTEMPT = rowType('closed_attempt', {
  order_id: 'text',
  attempt_number: 'integer',
  closed_as: 'text',
  slot: 'bigint',
});

/**
 * What an attempt is read from: its row, which says how it was closed, and the order's, which says of an attempt that was
 * not whether it is open or has landed; and what was signed. Aliases `a`, `o` and `t`.
 */
const ATTEMPT_EXPRESSIONS = {
  ...Object.fromEntries(Object.keys(ATTEMPT_COLUMNS).map((column) => [column, `a.${column}`])),
  bytes: 't.bytes',
  fill_accounts: 't.fill_accounts',
  state: `coalesce(a.closed_as, CASE WHEN o.status = '${STATUS_WHILE.landed}' THEN 'landed' ELSE 'open' END)`,
  slot: `CASE WHEN a.closed_as IS NULL AND o.status = '${STATUS_WHILE.landed}' THEN o.slot ELSE a.slot END`,
  finalized: '(a.closed_as IS NULL AND o.finalized)',
};

/** What was signed for the attempt `a`, as `t`. It is in two parts for a moment while it is carried on. OFFSET 0 keeps it a look-up. */
export const WITH_TRANSACTION = `LEFT JOIN LATERAL (
  SELECT bytes, fill_accounts FROM transactions
  WHERE order_id = a.order_id AND attempt_number = a.attempt_number OFFSET 0 LIMIT 1
) t ON true`;

export const attemptSelectList = (prefix = ''): string =>
  Object.entries(ATTEMPT_EXPRESSIONS)
    .map(([column, expression]) => `${expression} AS ${prefix}${column}`)
    .join(', ');

export const toAttemptRecord = (attempt: Attempt): Record<keyof typeof RECORDED_COLUMNS, unknown> => ({
  order_id: attempt.orderId,
  attempt_number: attempt.attemptNumber,
  signature: attempt.signature,
  bytes: attempt.bytes,
  last_valid_block_height: attempt.lastValidBlockHeight,
  signing_slot: attempt.signingSlot,
  fill_accounts: JSON.stringify(attempt.fillAccounts),
  recorded_at: attempt.recordedAtMs,
});

export const toAttempt = (row: AttemptRow): Attempt => ({
  orderId: row.order_id,
  attemptNumber: row.attempt_number,
  signature: row.signature,
  // A plain copy: a Buffer is a view into a larger one that `pg` reuses.
  bytes: new Uint8Array(row.bytes ?? []),
  lastValidBlockHeight: toBlockHeight(BigInt(row.last_valid_block_height)),
  signingSlot: BigInt(row.signing_slot),
  fillAccounts: row.fill_accounts ?? NO_FILL_ACCOUNTS,
  state: row.state,
  slot: row.slot === null ? null : BigInt(row.slot),
  finalized: row.finalized,
  recordedAtMs: toEpochMs(row.recorded_at.getTime()),
});
