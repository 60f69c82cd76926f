import type pg from 'pg';

/** Nothing was changed in the target. */
export class MoveRefused extends Error {
  override name = 'MoveRefused';
}

export interface MovedTable {
  readonly table: string;
  readonly rows: number;
}

const BATCH_ROWS = 500;
// The record of migrations and the division into windows are each database's own.
const NOT_MOVED = ['schema_migrations', 'order_windows'];

/**
 * Copies every row of one database into another that has the same schema and no rows, and compares a checksum of each
 * table on both sides. All of it is one transaction of the target: cut off anywhere, the target is as empty as before,
 * and the move is begun anew.
 *
 * @param beforeCommit Called when everything is copied and compared.
 * @throws {MoveRefused} The target has rows, or what arrived differs from what was sent.
 */
export async function moveDatabase(
  source: pg.Pool,
  target: pg.Pool,
  beforeCommit: () => Promise<void> = async () => {},
): Promise<readonly MovedTable[]> {
  const from = await source.connect();
  const to = await target.connect();
  try {
    await from.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await to.query('BEGIN');
    for (const client of [from, to]) await client.query("SET LOCAL TimeZone TO 'UTC'");
    const tables = await tablesOf(from);
    await requireEmpty(to, tables);
    // The keys are copied as rows of their own: the trigger would take them for those of other orders.
    await to.query('ALTER TABLE orders DISABLE TRIGGER orders_keep_keys');
    for (const table of tables) await copyTable(from, to, table);
    await to.query('ALTER TABLE orders ENABLE TRIGGER orders_keep_keys');
    const moved: MovedTable[] = [];
    for (const table of tables) moved.push(await compareTable(from, to, table));
    await beforeCommit();
    await to.query('COMMIT');
    return moved;
  } catch (error) {
    await to.query('ROLLBACK').catch(() => {}); // The cause matters more than a connection that is gone.
    throw error;
  } finally {
    await from.query('ROLLBACK').catch(() => {});
    from.release();
    to.release();
  }
}

async function tablesOf(client: pg.PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
       AND relname <> ALL($1::text[]) ORDER BY 1`,
    [NOT_MOVED],
  );
  return rows.map(({ name }) => name);
}

/** Locked until the end of the transaction, so that no process writes during the copy. */
async function requireEmpty(client: pg.PoolClient, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await client.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
    const { rows } = await client.query(`SELECT 1 FROM ${table} LIMIT 1`);
    if (rows.length > 0)
      throw new MoveRefused(
        `the target has rows in ${table}: move into an empty database, or, if an earlier move was finished, use it as it is`,
      );
  }
}

/** Those of a table that are written; the database makes the others of them. */
const COLUMNS_SQL = `
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute
WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`;

/** Rows travel as JSON that no program between parses, so that no digit and no byte can change. */
async function copyTable(from: pg.PoolClient, to: pg.PoolClient, table: string): Promise<void> {
  const { rows: columns } = await to.query<{ names: string }>(COLUMNS_SQL, [table]);
  const { names } = columns[0]!;
  await from.query(`DECLARE copied CURSOR FOR SELECT row_to_json(t)::text AS row FROM ${table} t`);
  for (;;) {
    const { rows } = await from.query<{ row: string }>(`FETCH ${BATCH_ROWS} FROM copied`);
    if (rows.length === 0) break;
    await to.query(
      `INSERT INTO ${table} (${names}) SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1::json)`,
      [`[${rows.map(({ row }) => row).join(',')}]`],
    );
  }
  await from.query('CLOSE copied');
}

async function compareTable(from: pg.PoolClient, to: pg.PoolClient, table: string): Promise<MovedTable> {
  const [sent, arrived] = [await checksumOf(from, table), await checksumOf(to, table)];
  if (sent.rows !== arrived.rows || sent.checksum !== arrived.checksum)
    throw new MoveRefused(
      `${table} differs after the copy: ${sent.rows} rows were sent, ${arrived.rows} arrived`,
    );
  return { table, rows: Number(sent.rows) };
}

/** Over every column of every row, whatever order the rows are in. */
async function checksumOf(
  client: pg.PoolClient,
  table: string,
): Promise<{ readonly rows: string; readonly checksum: string }> {
  const { rows } = await client.query<{ rows: string; checksum: string }>(
    `SELECT count(*) AS rows, md5(coalesce(string_agg(digest, '' ORDER BY digest COLLATE "C"), '')) AS checksum
     FROM (SELECT md5(t::text) AS digest FROM ${table} t) AS digests`,
  );
  return rows[0]!;
}
