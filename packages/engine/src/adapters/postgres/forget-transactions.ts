import type pg from 'pg';
import { inTransaction } from './in-transaction.ts';
import {
  carryOnSql,
  emptyPartSql,
  hasTransactionsSql,
  lockPartSql,
  OLDEST_PART_SQL,
} from './sql/transactions.ts';

/** While a lock is waited for, every step of an order waits behind it: the part is as well emptied a minute later. */
const LOCK_TIMEOUT = "SET LOCAL lock_timeout = '100ms'";

/**
 * Empties the oldest part of `transactions`. What orders that may still change have in it is carried on into the current part first, and the part
 * is left as it is then until the next call: a backup that began before that commit cannot see the copies, but has what they are
 * copies of.
 */
export async function forgetTransactions(pool: pg.Pool): Promise<void> {
  const { part } = (await pool.query<{ part: number }>(OLDEST_PART_SQL)).rows[0]!;
  const { found } = (await pool.query<{ found: boolean }>(hasTransactionsSql(part))).rows[0]!;
  if (!found) return;
  const { rowCount: carried } = await pool.query(carryOnSql(part));
  if (carried) return;
  await inTransaction(pool, async (client) => {
    await client.query(LOCK_TIMEOUT);
    await client.query(lockPartSql(part));
    const { rowCount: late } = await client.query(carryOnSql(part)); // The part's turn has come, and it is in use again.
    if (!late) await client.query(emptyPartSql(part));
  });
}
