import { createHash } from 'node:crypto';
import type pg from 'pg';

const BORN_SQL = `SELECT extract(epoch FROM applied_at)::text AS born FROM schema_migrations ORDER BY version LIMIT 1`;

/**
 * A name that distinguishes this store from others, hexadecimal: made from the time when its schema was created, its chain and its
 * wallet. Every process of the store finds the same name; a copy of a database has the name of the original.
 */
export async function storeNameOf(
  pool: pg.Pool,
  { genesisHash, wallet }: { readonly genesisHash: string; readonly wallet: string },
): Promise<string> {
  const { rows } = await pool.query<{ born: string }>(BORN_SQL);
  return createHash('sha256')
    .update(JSON.stringify([rows[0]?.born, genesisHash, wallet]))
    .digest('hex');
}
