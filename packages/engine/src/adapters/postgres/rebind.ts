import type pg from 'pg';
import { aliveProcesses, BindingRefused, lockBinding, type MoneySettings } from './binding.ts';
import { inTransaction } from './in-transaction.ts';
import { fingerprintOf } from './secret-fingerprint.ts';

/** What is to be changed, and to what. */
export interface Rebinding {
  readonly genesisHash?: string;
  readonly wallet?: string;
  readonly secret?: string;
  readonly settings?: MoneySettings;
}

/**
 * Changes what the database is bound to. Settings may be changed while processes are alive, which then stop signing; the
 * rest only while none is and no order is open or could be again.
 *
 * @returns How many receipts of another wallet stand on the chain.
 * @throws {BindingRefused} With what is in the way; nothing was changed.
 */
export function rebind(pool: pg.Pool, change: Rebinding): Promise<{ readonly receiptsLeft: number }> {
  return inTransaction(pool, async (client) => {
    const row = await lockBinding(client);
    const { settings, ...identity } = change;
    if (Object.keys(identity).length > 0) await requireRest(client);
    const next = {
      genesis: change.genesisHash ?? row.genesis_hash,
      wallet: change.wallet ?? row.wallet,
      fingerprint: change.secret === undefined ? row.secret_fingerprint : await fingerprintOf(change.secret),
      settings: settings ?? row.settings,
    };
    await client.query(
      `UPDATE binding SET revision = revision + 1, genesis_hash = $1, wallet = $2, secret_fingerprint = $3, settings = $4`,
      [next.genesis, next.wallet, next.fingerprint, next.settings && JSON.stringify(next.settings)],
    );
    const { rows } = await client.query<{ left: number }>(
      'SELECT count(*)::integer AS left FROM receipts WHERE wallet IS DISTINCT FROM $1',
      [next.wallet],
    );
    return { receiptsLeft: rows[0]!.left };
  });
}

async function requireRest(client: pg.PoolClient): Promise<void> {
  const alive = await aliveProcesses(client);
  if (alive.length > 0)
    throw new BindingRefused(
      `stop these processes first (one that crashed counts as alive for some seconds more): ${alive.map(({ description }) => description).join('; ')}`,
    );
  const { rows } = await client.query<{ open: number; unfinal: number }>(
    `SELECT count(*) FILTER (WHERE due_at IS NOT NULL OR settled_as = 'open')::integer AS open,
       count(*) FILTER (WHERE awaits_finality)::integer AS unfinal
     FROM orders WHERE due_at IS NOT NULL OR settled_as = 'open' OR awaits_finality`,
  );
  const { open, unfinal } = rows[0]!;
  if (open + unfinal > 0)
    throw new BindingRefused(
      `${open} orders are open and ${unfinal} are confirmed and not final yet: start the engine as it was, and let them end or cancel them`,
    );
}
