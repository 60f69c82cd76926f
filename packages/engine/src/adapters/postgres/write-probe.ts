import type pg from 'pg';
import { StoreUnavailable } from '../../ports/order-store.ts';

/** However many ask, the store is written to at most this often. */
const EVERY_MS = 1_000;

/** A message into the write-ahead log, in a transaction of its own: a real commit, and no row that processes would share. */
const WRITE_SQL = `
SELECT pg_logical_emit_message(true, 'order-execution-engine', 'can it write'),
  current_setting('transaction_read_only')::boolean AS is_read_only`;

/** Resolves if the store took a write within the last second, or takes one now. Callers share it. */
export function createWriteProbe(pool: pg.Pool): () => Promise<void> {
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  async function write(): Promise<void> {
    const startedAtMs = performance.now();
    const { rows } = await pool.query<{ is_read_only: boolean }>(WRITE_SQL);
    if (rows[0]?.is_read_only) throw new StoreUnavailable('the database is read-only');
    writtenAtMs = startedAtMs;
  }

  return () => {
    if (performance.now() - writtenAtMs < EVERY_MS) return Promise.resolve();
    underWay ??= write().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}
