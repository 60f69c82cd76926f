import type pg from 'pg';

/** Lets processes without a key know which wallet this one signs for. May be repeated. */
export async function registerWallet(pool: pg.Pool, address: string): Promise<void> {
  await pool.query(
    `INSERT INTO wallets (address, last_start_at) VALUES ($1, now())
     ON CONFLICT (address) DO UPDATE SET last_start_at = EXCLUDED.last_start_at`,
    [address],
  );
}

/** The wallet that was registered last; undefined if none ever was. */
export async function lastRegisteredWallet(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ address: string }>(
    'SELECT address FROM wallets ORDER BY last_start_at DESC, address LIMIT 1',
  );
  return rows[0]?.address;
}
