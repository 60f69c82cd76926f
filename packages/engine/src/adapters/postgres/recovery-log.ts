import type pg from 'pg';
import type { OrderId } from '../../domain/order.ts';
import type { Signature } from '../../domain/signature.ts';
import type { RecoveryLog } from '../../ports/recovery-log.ts';
import { recordset, toRecordset } from './rows/recordset.ts';

const LOST_COLUMNS = { signature: 'text', order_id: 'text', slot: 'bigint', failed: 'boolean' } as const;

const FINISH_SQL = `
WITH found AS (
  INSERT INTO lost_transactions (signature, order_id, slot, failed)
  SELECT l.signature, l.order_id, l.slot, l.failed
  FROM ${recordset('l', LOST_COLUMNS)}
  ON CONFLICT DO NOTHING
)
UPDATE recoveries SET finished_at = now() WHERE finished_at IS NULL`;

interface LostRow {
  readonly signature: Signature;
  readonly order_id: OrderId;
  readonly slot: string;
  readonly failed: boolean;
}

/** The recovery log in the tables `recoveries` and `lost_transactions`. */
export function createPostgresRecoveryLog(pool: pg.Pool): RecoveryLog {
  return {
    async begin() {
      await pool.query('INSERT INTO recoveries DEFAULT VALUES ON CONFLICT DO NOTHING');
    },
    async isUnfinished() {
      const { rows } = await pool.query('SELECT 1 FROM recoveries WHERE finished_at IS NULL');
      return rows.length > 0;
    },
    async finish(lost) {
      const rows = lost.map(({ signature, orderId, slot, failed }) => ({
        signature,
        order_id: orderId,
        slot: slot.toString(),
        failed,
      }));
      await pool.query(FINISH_SQL, toRecordset(LOST_COLUMNS, rows));
    },
    async lost() {
      const { rows } = await pool.query<LostRow>(
        'SELECT signature, order_id, slot, failed FROM lost_transactions ORDER BY slot, signature',
      );
      return rows.map(({ order_id, slot, ...rest }) => ({ ...rest, orderId: order_id, slot: BigInt(slot) }));
    },
  };
}
