// The environment of a benchmark with several processes: a separate database and Redis server, and processes that it
// ends.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from './built.mjs';

const { migrate } = await load('adapters/postgres/migrate.js');
const { openPostgres } = await load('adapters/postgres/open-postgres.js');

// As in `npm start`: orders in flight outlive a young generation of the default size.
export const NODE_OPTIONS = ['--max-semi-space-size=64'];
const NAIVE_SCHEMA = `CREATE TABLE orders (order_id uuid PRIMARY KEY, status text NOT NULL, token_in text NOT NULL,
  token_out text NOT NULL, amount_in text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())`;
const SERVER_URL = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** An empty database on the server at TEST_DATABASE_URL. */
export async function createDatabase() {
  const name = `oee_bench_${randomUUID().replaceAll('-', '')}`;
  const admin = openPostgres(SERVER_URL, { poolSize: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER_URL);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async stop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** redis-server of the PATH, with an append-only file as in production. */
async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), 'oee-bench-redis-'));
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--dir', directory],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout }))
    if (/Ready to accept connections/i.test(line)) break;
  child.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid,
    async stop() {
      child.kill();
      await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A script of this folder in a separate process: ready when it prints a line, ended by closing its standard input. */
export async function startProcess(script, env) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...NODE_OPTIONS, path], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => {
      throw new Error(`${script} did not come up`);
    }),
  ]);
  return {
    line,
    pid: child.pid,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** The embedded engine with a chain that decides at once. */
export async function startMemoryEngine() {
  const engine = await startProcess('memory-engine.mjs', {});
  return { url: engine.line, pids: { engine: engine.pid }, stop: engine.stop };
}

/** The lean pipeline in one process, over PGlite. */
export async function startLeanPglite() {
  const lean = await startProcess('lean-embedded.mjs', {});
  return { url: lean.line, pids: { lean: lean.pid }, stop: lean.stop };
}

/** Names the missing programs for an engine of several processes; undefined if all are installed. */
export async function missingForScaled() {
  if (spawnSync('redis-server', ['--version']).status !== 0) return 'redis-server';
  const admin = openPostgres(SERVER_URL, { poolSize: 1 });
  const isThere = await admin.query('SELECT 1').then(
    () => true,
    () => false,
  );
  await admin.end();
  return isThere ? undefined : 'a PostgreSQL server at TEST_DATABASE_URL';
}

/** One API and one worker process over a separate database and Redis server. */
export const startScaledEngine = () => startApiAndWorker('scaled-process.mjs', migrate);

/** The same for the lean pipeline, whose worker creates its tables. */
export const startLeanPostgres = () => startApiAndWorker('lean-scaled.mjs', () => undefined);

/** The same for the usual design. */
export const startUsualDesign = () =>
  startApiAndWorker('naive-process.mjs', (pool) => pool.query(NAIVE_SCHEMA));

async function startApiAndWorker(script, prepare) {
  const [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  const pool = openPostgres(database.url, { poolSize: 1 });
  await prepare(pool);
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const worker = await startProcess(script, { ...env, ROLE: 'worker' });
  const api = await startProcess(script, { ...env, ROLE: 'api' });
  return {
    url: api.line,
    pool,
    pids: { api: api.pid, worker: worker.pid, redis: redis.pid },
    async stop() {
      await api.stop();
      await worker.stop();
      await pool.end();
      await Promise.all([database.stop(), redis.stop()]);
    },
  };
}

/** The processes of a server by name, including those of PostgreSQL for its database. */
export async function pidsOf({ pids, pool }) {
  if (!pool) return pids;
  const { rows } = await pool.query('SELECT pid FROM pg_stat_activity WHERE datname = current_database()');
  return { ...pids, ...Object.fromEntries(rows.map(({ pid }) => [`postgres ${pid}`, pid])) };
}

/** Calls `stop` when the parent process closes its pipe. */
export function untilReleased(stop) {
  process.stdin.resume().once('end', async () => {
    await stop();
    process.exit(0);
  });
}

/** A port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
