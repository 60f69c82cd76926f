import type pg from 'pg';

/** Runs a dump of `pg_dump` in an empty database, as `psql` would; it skips commands to psql. */
export async function restoreDump(pool: pg.Pool, dump: string): Promise<void> {
  const client = await pool.connect();
  const lines = dump.split('\n').filter((line) => !line.startsWith('\\'));
  await client.query(lines.join('\n'));
  await client.query('RESET ALL'); // A dump empties the search path of its session.
  client.release();
}
