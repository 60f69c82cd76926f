import { Pool } from 'pg';

/** A pool of connections to a PostgreSQL server. Statements that hang are ended by the server. */
export const openPostgres = (url: string): Pool =>
  new Pool({
    connectionString: url,
    max: 8,
    application_name: 'order-execution-engine',
    statement_timeout: 10_000,
    connectionTimeoutMillis: 5_000,
  });
