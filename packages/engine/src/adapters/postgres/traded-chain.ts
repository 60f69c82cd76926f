import type pg from 'pg';

/** The orders of this database are on another chain than the one that answers. */
export class ForeignChain extends Error {
  override name = 'ForeignChain';
}

// The first to come writes the row; whoever comes later reads it.
const FIX_CHAIN_SQL = `
INSERT INTO traded_chain AS t (genesis_hash) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET genesis_hash = t.genesis_hash
RETURNING genesis_hash`;

/**
 * Binds the database to this chain for ever, unless it is bound already. On another chain every open order would look as
 * if its transactions had never been.
 *
 * @throws {ForeignChain} If it is bound to another one.
 */
export async function requireSameChain(pool: pg.Pool, genesisHash: string): Promise<void> {
  const { rows } = await pool.query<{ genesis_hash: string }>(FIX_CHAIN_SQL, [genesisHash]);
  const bound = rows[0]!.genesis_hash;
  if (bound !== genesisHash)
    throw new ForeignChain(
      `the orders of this database are on the chain with genesis ${bound}, and the one that answers has genesis ${genesisHash}: connect to the former, or use an empty database`,
    );
}
