import pg from 'pg';
import type { Logger } from '../../ports/logger.ts';

export interface PostgresOptions {
  readonly log?: Logger;
  /** Connections at most. A handful is plenty, since writes are grouped. */
  readonly poolSize?: number;
  /** The server ends statements that take longer; 0 for never. */
  readonly statementTimeoutMs?: number;
  /** Shown by the server beside each connection. */
  readonly applicationName?: string;
}

/**
 * A pool of connections to a PostgreSQL server. Connects when the first query comes.
 *
 * @param url With `pgbouncer=true` among its parameters it leads to a pooler that hands out connections per transaction.
 */
export function openPostgres(url: string, options: PostgresOptions = {}): pg.Pool {
  const { poolSize = 8, statementTimeoutMs = 10_000, applicationName = 'order-execution-engine' } = options;
  const settings: pg.PoolConfig = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    application_name: applicationName,
    keepAlive: true,
  };
  const pool = isPooled(url)
    ? new TransactionPool(settings, statementTimeoutMs)
    : new pg.Pool({ ...settings, statement_timeout: statementTimeoutMs });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => options.log?.warn({ error }, 'PostgreSQL connection lost'));
  return pool;
}

/** What other clients call such an address, too. */
const isPooled = (url: string): boolean => /[?&]pgbouncer=true(&|$)/.test(url);

/**
 * Behind a transaction pooler nothing outlives a transaction: a prepared statement or a setting belongs to a session of
 * the server, and the pooler gives that session to another client next. So each query is a transaction of its own that
 * begins with its setting, sent as one, and no statement has a name.
 */
class TransactionPool extends pg.Pool {
  readonly #begin: string;

  constructor(settings: pg.PoolConfig, statementTimeoutMs: number) {
    super({ ...settings, pipeline: true });
    this.#begin = `BEGIN; SET LOCAL statement_timeout = ${statementTimeoutMs}`;
    // The pool's own type has an overload for each of the driver's ways to call it; the engine uses these two.
    this.query = ((query: string | pg.QueryConfig, values?: unknown[]) =>
      typeof query === 'string'
        ? this.#runAlone(query, values)
        : this.#runAlone(query.text, query.values)) as pg.Pool['query'];
  }

  async #runAlone(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const client = await this.connect();
    try {
      const [, result] = await Promise.all([
        client.query(this.#begin),
        client.query(text, values),
        client.query('COMMIT'), // Takes back what was begun, if the query failed.
      ]);
      client.release();
      return result;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }
}

/** The address leads to a pooler, and does not say so. */
export class UnannouncedPooler extends Error {
  override name = 'UnannouncedPooler';
}

const REFUSED_BY_POOLER = /unsupported startup parameter/;

/** @throws {UnannouncedPooler} A pooler answered that it does not take what only a server understands. */
export async function requireDirect(pool: pg.Pool): Promise<void> {
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    if (error instanceof Error && REFUSED_BY_POOLER.test(error.message))
      throw new UnannouncedPooler(
        'DATABASE_URL leads to a connection pooler: add pgbouncer=true to its parameters (postgres://…?pgbouncer=true)',
        { cause: error },
      );
    throw error;
  }
}
