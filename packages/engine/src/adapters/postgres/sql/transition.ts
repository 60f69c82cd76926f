import { ATTEMPT_COLUMNS, ATTEMPT_SETTING_COLUMNS } from '../attempt-row.ts';
import { STATE_COLUMNS } from '../order-row.ts';
import { RECORDING_COLUMNS } from '../receipt-row.ts';
import { columnList, isAmong, recordset } from '../recordset.ts';
import { appendEventsSql, FIRST_POSITIONS_SQL } from './stream.ts';

/** The compare of compare-and-set, and what becomes of the lease. `release_ms` is null to keep it. */
const CHANGE_COLUMNS = {
  order_id: 'text',
  expected_sequence: 'integer',
  expected_fence: 'integer',
  is_terminal: 'boolean',
  release_ms: 'double precision',
  ...STATE_COLUMNS,
} as const;

const assignments = Object.keys(STATE_COLUMNS)
  .map((column) => `${column} = c.${column}`)
  .join(', ');

/**
 * $1 changes, $2 events, $3 new attempts with their receipts, $4 changes of attempts. Returns the orders that changed, each with the position of
 * the first of its new events.
 *
 * A change whose sequence, fence or attempt does not fit writes nothing anywhere. Attempts are compared in the
 * statement's snapshot, which is enough: whoever changes an attempt raises the order's sequence in the same commit,
 * and the sequence is compared again on the newest row.
 */
export const TRANSITION_SQL = `
WITH recording AS MATERIALIZED (
  SELECT * FROM ${recordset('$3', 'r', RECORDING_COLUMNS)}
), setting AS MATERIALIZED (
  SELECT * FROM ${recordset('$4', 's', ATTEMPT_SETTING_COLUMNS)}
), unfit AS MATERIALIZED (
  SELECT r.order_id FROM recording r JOIN attempts a ON a.order_id = r.order_id
  WHERE a.state = 'open' OR a.attempt_number = r.attempt_number
  UNION ALL
  SELECT s.order_id FROM setting s
  LEFT JOIN attempts a ON a.order_id = s.order_id AND a.attempt_number = s.attempt_number
  WHERE a.state IS DISTINCT FROM s.from_state
  UNION ALL
  SELECT s.order_id FROM setting s JOIN attempts a ON a.order_id = s.order_id AND a.state = 'open'
  WHERE s.state = 'open' AND a.attempt_number <> s.attempt_number
), changed AS (
  UPDATE orders o
  SET ${assignments},
      lease_until = CASE WHEN c.is_terminal OR c.release_ms IS NOT NULL THEN NULL ELSE o.lease_until END,
      due_at = CASE
        WHEN c.is_terminal THEN NULL
        WHEN c.release_ms IS NOT NULL THEN now() + c.release_ms * interval '1 millisecond'
        ELSE coalesce(o.due_at, now()) -- A terminal order that a fork reopens is due at once.
      END
  FROM ${recordset('$1', 'c', CHANGE_COLUMNS)}
  WHERE o.order_id = c.order_id
    AND o.sequence = c.expected_sequence
    AND (c.expected_fence IS NULL OR o.fence = c.expected_fence AND o.lease_until IS NOT NULL)
    AND o.order_id NOT IN (SELECT order_id FROM unfit)
    AND NOT ((o.cancel_requested OR o.needs_review) AND ${isAmong('o.order_id', 'recording')})
  RETURNING o.order_id
), ${appendEventsSql('$2', 'changed')}, recorded AS (
  INSERT INTO attempts (${columnList(ATTEMPT_COLUMNS)})
  SELECT ${columnList(ATTEMPT_COLUMNS, 'r')} FROM recording r WHERE ${isAmong('r.order_id', 'changed')}
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
), settled AS (
  UPDATE attempts a
  SET state = s.state, slot = s.slot, finalized = s.finalized
  FROM setting s
  WHERE a.order_id = s.order_id AND a.attempt_number = s.attempt_number AND ${isAmong('s.order_id', 'changed')}
)
${FIRST_POSITIONS_SQL}`;
