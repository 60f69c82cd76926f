import type { Attempt, AttemptState, FillAccounts } from '../../../domain/attempt.ts';
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
  readonly bytes: Buffer;
  readonly last_valid_block_height: string;
  readonly signing_slot: string;
  readonly fill_accounts: FillAccounts;
  readonly state: AttemptState;
  readonly slot: string | null;
  readonly finalized: boolean;
  readonly recorded_at: Date;
}

/** Columns that recording an attempt writes, with their SQL types. */
export const ATTEMPT_COLUMNS = {
  order_id: 'text',
  attempt_number: 'integer',
  signature: 'text',
  bytes: 'bytea',
  last_valid_block_height: 'bigint',
  signing_slot: 'bigint',
  fill_accounts: 'json',
  recorded_at: 'timestamptz',
} as const;

/** Rows of attempts that can never land any more. */
export const CLOSED_ATTEMPT = rowType('closed_attempt', {
  order_id: 'text',
  attempt_number: 'integer',
  closed_as: 'text',
  slot: 'bigint',
});

/**
 * What an attempt is read from: its row, which says how it was closed, and the order's, which says of an attempt that was
 * not whether it is open or has landed. Aliases `a` and `o`.
 */
const ATTEMPT_EXPRESSIONS = {
  ...Object.fromEntries(Object.keys(ATTEMPT_COLUMNS).map((column) => [column, `a.${column}`])),
  state: `coalesce(a.closed_as, CASE WHEN o.status = '${STATUS_WHILE.landed}' THEN 'landed' ELSE 'open' END)`,
  slot: `CASE WHEN a.closed_as IS NULL AND o.status = '${STATUS_WHILE.landed}' THEN o.slot ELSE a.slot END`,
  finalized: '(a.closed_as IS NULL AND o.finalized)',
};

export const attemptSelectList = (prefix = ''): string =>
  Object.entries(ATTEMPT_EXPRESSIONS)
    .map(([column, expression]) => `${expression} AS ${prefix}${column}`)
    .join(', ');

export const toAttemptRecord = (attempt: Attempt): Record<keyof typeof ATTEMPT_COLUMNS, unknown> => ({
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
  bytes: new Uint8Array(row.bytes),
  lastValidBlockHeight: toBlockHeight(BigInt(row.last_valid_block_height)),
  signingSlot: BigInt(row.signing_slot),
  fillAccounts: row.fill_accounts,
  state: row.state,
  slot: row.slot === null ? null : BigInt(row.slot),
  finalized: row.finalized,
  recordedAtMs: toEpochMs(row.recorded_at.getTime()),
});
