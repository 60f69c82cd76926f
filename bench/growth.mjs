// What a store costs that holds a million orders: the same calls of the store on a small and on a full one, and its size.
//   npm run bench -- growth [--orders 1000000] [--open 10000] [--store pglite|postgres] [--repeats 50]
// The engine first makes orders on a devnet; SQL multiplies their rows with new ids and times, so that the rows follow the
// schema. PGlite in a temporary directory, and PostgreSQL if TEST_DATABASE_URL answers. Prints JSON, and a table on
// standard error. A quick look: --orders 50000.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load } from './support/built.mjs';
import { createFill } from './support/growth-fill.mjs';
import { measureCalls, measureStart } from './support/growth-measures.mjs';
import { makeTemplates, TEMPLATES } from './support/growth-templates.mjs';
import { createDatabase } from './support/servers.mjs';

const { migrate } = await load('adapters/postgres/migrate.js');
const { openPostgres } = await load('adapters/postgres/open-postgres.js');
const { openPglite } = await load('adapters/postgres/pglite/pglite.js');

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '1000000' },
    open: { type: 'string', default: '10000' },
    store: { type: 'string' },
    repeats: { type: 'string', default: '50' },
  },
});
const STORES = { pglite: openEmbedded, postgres: openServer };
const names = values.store ? [values.store] : Object.keys(STORES);
if (!names.every((name) => Object.hasOwn(STORES, name))) {
  console.error(`--store is one of ${Object.keys(STORES).join(', ')}`);
  process.exit(2);
}
// Of each kind of template so many copies; the small store has a hundredth, but two at least.
const copies = Math.ceil(Number(values.orders) / TEMPLATES.finished);
const openCopies = Math.ceil(Number(values.open) / TEMPLATES.open);
const small = Math.max(2, Math.round(copies / 100));

const repeats = Number(values.repeats);

const templates = await makeTemplates();
const stores = {};
for (const name of names) {
  const store = await STORES[name]().catch((error) => error);
  if (store instanceof Error) stores[name] = { leftOut: store.message };
  else stores[name] = await measureStore(name, store).finally(() => store.remove());
}
const report = { benchmark: 'growth', stores, cpus: cpus().length, node: process.version };
console.log(JSON.stringify(report, null, 2));
process.exit(0);

async function measureStore(name, { open, afterFill }) {
  let database = await open();
  await migrate(database.pool);
  const fill = await createFill(database.pool, templates, { copies: Math.max(copies, openCopies) });
  const smallOpen = Math.min(small, openCopies);
  await fill.until(small, smallOpen);
  await afterFill(database.pool);
  const ofSmall = { orders: fill.counts(), callsMs: await measureCalls(database.pool, repeats) };
  const filledFrom = performance.now();
  await fill.until(copies, smallOpen);
  const size = await fill.size(); // Before the open ones, whose rows are fewer.
  await fill.until(copies, openCopies);
  const fillSeconds = Math.round((performance.now() - filledFrom) / 1_000);
  await afterFill(database.pool);
  const ofFull = { orders: fill.counts(), callsMs: await measureCalls(database.pool, repeats) };
  await database.close();
  const start = await measureStart(open);
  database = start.database;
  await database.close();
  const calls = Object.entries(ofFull.callsMs).map(([call, ms]) => [
    call,
    { small: ofSmall.callsMs[call], full: ms, ratio: ratioOf(ms, ofSmall.callsMs[call]) },
  ]);
  printTable(name, calls);
  return {
    orders: { small: ofSmall.orders, full: ofFull.orders },
    fillSeconds,
    startMs: start.ms,
    size,
    callsMs: Object.fromEntries(calls),
  };
}

function ratioOf(full, ofSmall) {
  return Number((full.p50 / Math.max(ofSmall.p50, 0.1)).toPrecision(3));
}

function printTable(name, calls) {
  const width = Math.max(...calls.map(([call]) => call.length));
  console.error(`\n${`${name}, milliseconds`.padEnd(width)}  small p50  full p50  full p99  ratio`);
  for (const [call, { small: ofSmall, full, ratio }] of calls) {
    const cells = [ofSmall.p50, full.p50, full.p99, ratio].map((cell) => String(cell).padStart(9));
    console.error(`${call.padEnd(width)} ${cells.join(' ')}`);
  }
}

async function openEmbedded() {
  const directory = mkdtempSync(join(tmpdir(), 'oee-bench-growth-'));
  return {
    open: () => openPglite(directory),
    // PGlite has no autovacuum, so an embedded engine never has statistics either.
    afterFill: async () => {},
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** @throws No server answers. */
async function openServer() {
  const { url, stop } = await createDatabase();
  return {
    async open() {
      const pool = openPostgres(url);
      return { pool, close: () => pool.end() };
    },
    // As autovacuum leaves the tables.
    afterFill: (pool) => pool.query('VACUUM ANALYZE'),
    remove: stop,
  };
}
