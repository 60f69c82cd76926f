import type pg from 'pg';
import type { LeaderLease } from '../../ports/leader-lease.ts';
import { withStoreErrors } from './store-errors.ts';

const ACQUIRE_SQL = `
INSERT INTO leader_leases AS l (name, holder, until)
VALUES ($1, $2, now() + $3::double precision * interval '1 millisecond')
ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
WHERE l.holder = EXCLUDED.holder OR l.until <= now()
  OR l.until > now() + 2 * $3::double precision * interval '1 millisecond'`; // A clock that was ahead wrote that.

const RELEASE_SQL = 'DELETE FROM leader_leases WHERE name = $1 AND holder = $2';

/** A lease in a row of its own, by the database's clock. */
export function createPostgresLeaderLease(pool: pg.Pool, name: string): LeaderLease {
  return withStoreErrors({
    async acquire(holder: string, leaseMs: number): Promise<boolean> {
      const { rowCount } = await pool.query(ACQUIRE_SQL, [name, holder, leaseMs]);
      return rowCount === 1;
    },
    async release(holder: string): Promise<void> {
      await pool.query(RELEASE_SQL, [name, holder]);
    },
  });
}
