// What the triggers that keep order_events append-only cost: appending and numbering events in batches of 1,000, in two
// databases, one with and one without them, in turns. Usage: node bench/append-only.mjs [events per turn] [turns]
// Needs a PostgreSQL server at TEST_DATABASE_URL. Prints one JSON line.
import { randomUUID } from 'node:crypto';

const engine = new URL('../packages/engine/dist/', import.meta.url);
const load = (path) => import(new URL(path, engine).href);
const { openPostgres } = await load('adapters/postgres/open-postgres.js');
const { migrate } = await load('adapters/postgres/migrate.js');

const EVENTS = Number(process.argv[2] ?? 50_000);
const TURNS = Number(process.argv[3] ?? 5);
const BATCH = 1_000;
const SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

const admin = openPostgres(SERVER_URL, { poolSize: 1 });
const kinds = { guarded: await createDatabase(), plain: await createDatabase() };
await kinds.plain.pool.query('ALTER TABLE order_events DISABLE TRIGGER USER');

const microseconds = { guarded: { append: [], number: [] }, plain: { append: [], number: [] } };
for (let turn = 0; turn < TURNS; turn += 1)
  for (const kind of turn % 2 ? ['guarded', 'plain'] : ['plain', 'guarded']) {
    const { pool } = kinds[kind];
    const orderId = randomUUID();
    microseconds[kind].append.push(await perEvent((from) => append(pool, orderId, from)));
    microseconds[kind].number.push(await perEvent((from) => number(pool, orderId, from)));
  }
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const report = Object.fromEntries(
  Object.entries(microseconds).map(([kind, times]) => [
    kind,
    { appendMicros: median(times.append), numberMicros: median(times.number) },
  ]),
);
console.log(JSON.stringify({ bench: 'append-only', events: EVENTS, turns: TURNS, ...report }));
for (const { pool, name } of Object.values(kinds)) {
  await pool.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
}
await admin.end();

async function createDatabase() {
  const name = `oee_bench_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  const pool = openPostgres(url.href, { poolSize: 1 });
  await migrate(pool);
  return { name, pool };
}

async function perEvent(step) {
  const startedAt = performance.now();
  for (let from = 1; from <= EVENTS; from += BATCH) await step(from);
  return Math.round(((performance.now() - startedAt) * 10_000) / EVENTS) / 10;
}

function append(pool, orderId, from) {
  return pool.query(
    `INSERT INTO order_events (order_id, sequence, type, status, occurred_at, data)
     SELECT $1, n, 'order.routing', 'routing', now(), '{"try": 1, "backoffMs": 1000}'
     FROM generate_series($2::integer, $3::integer) AS n`,
    [orderId, from, from + BATCH - 1],
  );
}

function number(pool, orderId, from) {
  return pool.query(
    'UPDATE order_events SET position = sequence, account_id = $1 WHERE order_id = $1 AND sequence BETWEEN $2 AND $3',
    [orderId, from, from + BATCH - 1],
  );
}
