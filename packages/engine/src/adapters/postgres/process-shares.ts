import type pg from 'pg';
import type { ProcessShares } from '../../ports/process-shares.ts';
import { withStoreErrors } from './store-errors.ts';

/** Each holder has a row among the leases, named after the work and itself. A lease that ends far ahead was written by a clock that was ahead. */
const RENEW_SQL = `
WITH mine AS (
  INSERT INTO leader_leases (name, holder, until)
  VALUES ($1 || ' ' || $2, $2, now() + $3::double precision * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET until = EXCLUDED.until
), ended AS (
  DELETE FROM leader_leases
  WHERE starts_with(name, $1 || ' ') AND holder <> $2 AND until < now() - interval '1 minute'
)
SELECT holder FROM leader_leases
WHERE starts_with(name, $1 || ' ') AND holder <> $2 AND until > now()
  AND until <= now() + 2 * $3::double precision * interval '1 millisecond'
UNION ALL SELECT $2`;

const RELEASE_SQL = "DELETE FROM leader_leases WHERE name = $1 || ' ' || $2";

/** By the database's clock. */
export const createPostgresProcessShares = (pool: pg.Pool, work: string): ProcessShares =>
  withStoreErrors({
    async renew(holder: string, leaseMs: number): Promise<readonly string[]> {
      const { rows } = await pool.query<{ holder: string }>(RENEW_SQL, [work, holder, leaseMs]);
      return rows.map((row) => row.holder).sort();
    },
    async release(holder: string): Promise<void> {
      await pool.query(RELEASE_SQL, [work, holder]);
    },
  });
