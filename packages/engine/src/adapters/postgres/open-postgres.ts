import pg from 'pg';
import type { Logger } from '../../ports/logger.ts';

export interface PostgresOptions {
  readonly log?: Logger;
  /** Connections at most. A handful is plenty, since writes are grouped. */
  readonly poolSize?: number;
  /** The server ends statements that take longer. */
  readonly statementTimeoutMs?: number;
  /** Shown by the server beside each connection. */
  readonly applicationName?: string;
}

/** A pool of connections to a PostgreSQL server. Connects when the first query comes. */
export function openPostgres(url: string, options: PostgresOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 8,
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    connectionTimeoutMillis: 5_000,
    application_name: options.applicationName ?? 'order-execution-engine',
    keepAlive: true,
  });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => options.log?.warn({ error }, 'PostgreSQL connection lost'));
  return pool;
}
