// Multiplies orders that the engine made: each copy lies 1,000 s before the next and has ids, keys and signatures of its own;
// everything else is as the engine wrote it. Rows are inserted once, so their tables have none of the dead rows that
// changes leave until a vacuum.

const STEP_MS = 1_000_000;
const COPIES_AT_ONCE = 20;

/** A fill of a migrated, empty database. `copies` is how many there will be of a template at most. */
export async function createFill(pool, templates, { copies }) {
  const [{ account_id: account }] = templates.orders.rows;
  for (const [table, { columns, rows }] of Object.entries(templates))
    await keepTemplates(pool, table, { columns, rows });
  // So many digits of a time in milliseconds are the same in all templates, or one more.
  const prefix = Math.floor(idTime(templates.orders.rows[0].order_id) / STEP_MS);
  const done = { finished: 0, open: 0 };
  const perCopy = (isOpen) => templates.orders.rows.filter((row) => row.isOpen === isOpen).length;
  let position = 0;
  let walBytes = 0;

  async function insert(client, isOpen, first, last) {
    for (const [table, { columns }] of Object.entries(templates)) {
      const text = copySql(table, columns, prefix);
      const events = templates.order_events.rows.filter((row) => row.isOpen === isOpen).length;
      const placed = table === 'order_events';
      await client.query(text, [first, last, copies, isOpen, ...(placed ? [position, events] : [])]);
      if (placed) position += events * (last - first + 1);
    }
  }

  return {
    /** Goes on until there are so many copies of both kinds. */
    async until(finished, open) {
      const walFrom = await walPosition(pool);
      const client = await pool.connect();
      // The log's triggers refuse nothing that is inserted, and cost time; the keys' table comes with its own rows.
      await client.query('SET session_replication_role = replica');
      for (const [kind, most] of Object.entries({ finished, open }))
        while (done[kind] < most) {
          const last = Math.min(done[kind] + COPIES_AT_ONCE, most);
          await insert(client, kind === 'open', done[kind] + 1, last);
          done[kind] = last;
        }
      await client.query(
        `INSERT INTO account_streams (account_id, last_position) VALUES ($1, $2)
         ON CONFLICT (account_id) DO UPDATE SET last_position = EXCLUDED.last_position`,
        [account, position],
      );
      await client.query('RESET session_replication_role');
      client.release();
      walBytes += (await walPosition(pool)) - walFrom;
    },
    counts: () => ({ finished: done.finished * perCopy(false), open: done.open * perCopy(true) }),
    /** Bytes per order, by table and by kind; the log of writes apart. */
    async size() {
      const orders = done.finished * perCopy(false) + done.open * perCopy(true);
      const sizes = await Promise.all(Object.keys(templates).map((table) => sizeOf(pool, table, orders)));
      const bytesPerOrder = Object.fromEntries(sizes);
      const all = sizes.reduce((sum, [, parts]) => sum + parts.heap + parts.indexes + parts.toast, 0);
      return {
        bytesPerOrder: { ...bytesPerOrder, all },
        walBytesPerOrderOfTheFill: Math.round(walBytes / orders),
      };
    },
  };
}

/** All columns as text, `n` their place among those of their kind. */
async function keepTemplates(pool, table, { columns, rows }) {
  const names = columns.map(({ name }) => name);
  const list = names.map((name) => `${name} text`).join(', ');
  await pool.query(`CREATE TABLE template_${table} (n integer, is_open boolean, ${list})`);
  const counters = { true: 0, false: 0 };
  const places = rows.map(({ isOpen }) => {
    counters[isOpen] += 1;
    return counters[isOpen];
  });
  const types = ['integer[]', 'boolean[]', ...names.map(() => 'text[]')];
  const arrays = types.map((type, index) => `$${index + 1}::${type}`).join(', ');
  await pool.query(`INSERT INTO template_${table} SELECT * FROM unnest(${arrays})`, [
    places,
    rows.map(({ isOpen }) => isOpen),
    ...names.map((name) => rows.map((row) => row[name])),
  ]);
}

const idTime = (orderId) => Number.parseInt(orderId.slice(0, 13).replace('-', ''), 16);

/** $1 first copy, $2 last copy, $3 how many there will be, $4 whether of open orders; of events $5 the last position, $6 events of a copy. */
function copySql(table, columns, prefix) {
  const idHex = `lpad(to_hex(('x' || lpad(replace(substr(o.order_id, 1, 13), '-', ''), 16, '0'))::bit(64)::bigint - c.back * ${STEP_MS}), 12, '0')`;
  const newKey = (column) => `md5(${column} || c.back)::uuid::text`;
  const replaced = [
    ['order_id', `substr(h.hex, 1, 8) || '-' || substr(h.hex, 9, 4) || substr(o.order_id, 14)`],
    ['signature', newSignature('o.signature')],
    ['client_order_id', newKey('o.client_order_id')],
  ];
  const pairs = replaced.map(([column], index) => [
    `coalesce(o.${column}, '~')`,
    `coalesce(k.v${index}, '~')`,
  ]);
  const times = [prefix, prefix + 1].map((one) => [`'Ms":${one}'`, `'Ms":' || (${one} - c.back)`]);
  const withNew = (value) =>
    [...pairs, ...times].reduce((text, [from, to]) => `replace(${text}, ${from}, ${to})`, value);
  const expressions = columns.map(({ name, type }) => {
    if (name === 'position') return '$5::bigint + (c.copy - $1::bigint) * $6::bigint + t.n';
    if (name === 'idempotency_key') return newKey('t.idempotency_key'); // Orders have none any more.
    if (table === 'attempts' && name === 'signature') return newSignature('t.signature');
    if (type.startsWith('timestamp'))
      return `t.${name}::${type} - c.back * interval '${STEP_MS} milliseconds'`;
    if (/^(text|json|jsonb)$/.test(type)) return `(${withNew(`t.${name}`)})::${type}`;
    return `t.${name}::${type}`;
  });
  return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')})
SELECT ${expressions.join(',\n  ')}
FROM (SELECT copy, $3::bigint - copy + 1 AS back FROM generate_series($1::bigint, $2::bigint) AS g (copy)) c
CROSS JOIN template_orders o
CROSS JOIN LATERAL (SELECT ${idHex} AS hex) h
CROSS JOIN LATERAL (SELECT ${replaced.map(([, sql], index) => `${sql} AS v${index}`).join(', ')}) k
JOIN template_${table} t ON t.order_id = o.order_id
WHERE o.is_open = $4
ORDER BY c.copy, t.n`;
}

/** Of the same length, and base58. */
const newSignature = (signature) =>
  `substr(${signature}, 1, length(${signature}) - 8) || translate(lpad(to_hex(c.back), 8, '0'), '0', 'g')`;

async function walPosition(pool) {
  const { rows } = await pool.query("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn AS bytes");
  return Number(rows[0].bytes);
}

async function sizeOf(pool, table, orders) {
  const { rows } = await pool.query(
    `SELECT sum(pg_relation_size(oid)) AS heap, sum(pg_indexes_size(oid)) AS indexes,
       sum(CASE WHEN reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(reltoastrelid) END) AS toast
     FROM pg_class WHERE oid = $1::regclass OR oid IN (SELECT relid FROM pg_partition_tree($1::regclass))`,
    [table],
  );
  const parts = Object.entries(rows[0]).map(([part, bytes]) => [part, Math.round(Number(bytes) / orders)]);
  return [table, Object.fromEntries(parts)];
}
