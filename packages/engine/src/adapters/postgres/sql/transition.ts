import { RECORDING, STATUS_WHILE } from '../../../domain/transitions.ts';
import { ATTEMPT_COLUMNS, CLOSED_ATTEMPT, TRANSACTION_COLUMNS } from '../rows/attempt-row.ts';
import { STATE_COLUMNS } from '../rows/order-columns.ts';
import { NEW_ATTEMPT } from '../rows/receipt-row.ts';
import { columnList, isAmong, textList } from '../rows/recordset.ts';
import { rowsOf, rowType } from '../rows/row-type.ts';
import { isHeldUpSql, lockOrdersSql } from './lock-orders.ts';
import { appendEventsSql, FIRST_POSITIONS_SQL } from './stream.ts';
import { CURRENT_PART } from './transactions.ts';

/**
 * Rows of changes: the compare of compare-and-set, what becomes of the lease (`release_ms` is null to keep it), and the new
 * state. A change of an attempt names the last one before it and, unless it records another, the order's status then.
 */
export const ORDER_CHANGE = rowType(
  'order_change_3',
  {
    order_id: 'text',
    expected_sequence: 'integer',
    expected_fence: 'integer',
    records_attempt: 'boolean',
    expected_attempt: 'integer',
    expected_status: 'text',
    is_terminal: 'boolean',
    release_ms: 'double precision',
  },
  STATE_COLUMNS,
);

const assignments = Object.keys(STATE_COLUMNS)
  .map((column) => `${column} = c.${column}`)
  .join(', ');

const MARKS = { cancelRequested: 'cancel_requested', needsReview: 'needs_review' } as const;

/** `mayRecord` of an order `o`. */
const MAY_RECORD = `o.status IN (${textList(RECORDING.from)}) AND NOT (${RECORDING.unless.map((mark) => `o.${MARKS[mark]}`).join(' OR ')})`;

/**
 * $1 changes, $2 events, $3 new attempts with their receipts, $4 attempts that are closed, $5 the ids of the orders. Returns
 * the orders that changed, each with the position of the first of its new events. Orders whose row another session has locked
 * come back without a position: nothing of them is written.
 *
 * A change whose sequence, fence or attempt does not fit writes nothing anywhere. An order's row tells the state of its
 * last attempt: open while it is submitted, landed while it is confirmed, and closed otherwise. So it is compared there,
 * on the newest row, and an attempt that lands is not written again.
 */
export const TRANSITION_SQL = `
WITH ${lockOrdersSql('$5')}, recording AS MATERIALIZED (
  SELECT * FROM ${rowsOf('$3', 'r', NEW_ATTEMPT)}
), changed AS (
  UPDATE orders o
  SET ${assignments},
      awaits_finality = c.status = '${STATUS_WHILE.landed}' AND NOT c.finalized,
      is_held = o.is_held AND c.status = 'pending',
      lease_until = CASE WHEN c.is_terminal OR c.status = 'open' OR c.release_ms IS NOT NULL THEN NULL ELSE o.lease_until END,
      due_at = CASE
        WHEN c.is_terminal OR c.status = 'open' THEN NULL -- A resting order waits for its trigger.
        WHEN c.release_ms IS NOT NULL THEN now() + c.release_ms * interval '1 millisecond'
        ELSE coalesce(o.due_at, now()) -- A terminal order that a fork reopens is due at once.
      END
  FROM ${rowsOf('$1', 'c', ORDER_CHANGE)}
  WHERE o.order_id = c.order_id
    AND ${isAmong('o.order_id', 'mine')}
    AND o.sequence = c.expected_sequence
    AND (c.expected_fence IS NULL OR o.fence = c.expected_fence AND o.lease_until IS NOT NULL)
    AND CASE
      WHEN c.expected_attempt IS NULL THEN true
      WHEN c.records_attempt THEN o.attempt_number <= c.expected_attempt AND ${MAY_RECORD}
      ELSE o.attempt_number = c.expected_attempt AND o.status = c.expected_status
    END
  RETURNING o.order_id
), ${appendEventsSql('$2', 'changed')}, recorded AS (
  INSERT INTO attempts (${columnList(ATTEMPT_COLUMNS)})
  SELECT ${columnList(ATTEMPT_COLUMNS, 'r')} FROM recording r WHERE ${isAmong('r.order_id', 'changed')}
), signed AS (
  INSERT INTO transactions (part, ${columnList(TRANSACTION_COLUMNS)})
  SELECT ${CURRENT_PART}, ${columnList(TRANSACTION_COLUMNS, 'r')} FROM recording r WHERE ${isAmong('r.order_id', 'changed')}
), guarded AS (
  INSERT INTO receipts (order_id, wallet, address, seed, lamports, attempt_number, last_valid_block_height)
  SELECT r.order_id, r.fill_accounts->>'payer', r.receipt_address, r.receipt_seed, r.receipt_lamports, r.attempt_number,
    r.last_valid_block_height
  FROM recording r
  WHERE r.receipt_address IS NOT NULL AND ${isAmong('r.order_id', 'changed')}
  ON CONFLICT (order_id) DO UPDATE
  SET wallet = EXCLUDED.wallet, address = EXCLUDED.address, seed = EXCLUDED.seed, lamports = EXCLUDED.lamports,
      attempt_number = EXCLUDED.attempt_number,
      last_valid_block_height = greatest(receipts.last_valid_block_height, EXCLUDED.last_valid_block_height)
), closed AS (
  UPDATE attempts a
  SET closed_as = c.closed_as, slot = c.slot
  FROM ${rowsOf('$4', 'c', CLOSED_ATTEMPT)}
  WHERE a.order_id = c.order_id AND a.attempt_number = c.attempt_number AND ${isAmong('c.order_id', 'changed')}
)
${FIRST_POSITIONS_SQL}
UNION ALL SELECT o.order_id, NULL FROM orders o WHERE ${isHeldUpSql('$5')}`;
