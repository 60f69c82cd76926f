import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  createTestDatabase,
  describeWithPostgres,
  type TestDatabase,
} from '../../packages/engine/src/adapters/postgres/test-databases.suite.ts';
import { type RedisServer, startRedisServer } from '../../packages/engine/test/support/redis-server.ts';
import { freePort } from '../support/engine-process.ts';
import { execute, get, readiness } from '../support/order-client.ts';
import { describeWith } from '../support/requires.ts';

const MAIN = fileURLToPath(new URL('../../packages/engine/dist/main/serve.js', import.meta.url));
const BOM = '\uFEFF';

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
}

await describeWithPostgres('environments of other engines', () => {
  describeWith({ needs: 'redis-server' })('with a Redis', (redisProgram) => {
    let redis: RedisServer;
    let database: TestDatabase;
    let root: string;
    const started: Started[] = [];
    beforeAll(async () => {
      redis = await startRedisServer(redisProgram);
    });
    afterAll(() => redis.close());
    beforeEach(async () => {
      root = mkdtempSync(join(tmpdir(), 'oee-environment-'));
      database = await createTestDatabase();
      await redis.command('FLUSHALL');
    });
    afterEach(async () => {
      for (const { child } of started.splice(0)) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      await database.close();
      rmSync(root, { recursive: true, force: true });
    });

    /** An engine with nothing in its environment but a `.env` beside it, and where its local Solana listens. */
    async function start(dotEnv: string, port: number, name = 'data'): Promise<Started> {
      const directory = join(root, name);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, '.env'), dotEnv);
      const { PATH } = process.env;
      const env = { PATH, DATA_DIR: directory, DEVNET_PORT: String(await freePort()), DEVNET_SLOT_MS: '50' };
      const child = spawn(process.execPath, [MAIN], {
        cwd: directory,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (text += chunk));
      const one = { child, url: `http://127.0.0.1:${port}`, output: () => text };
      started.push(one);
      return one;
    }

    async function trades({ url, output }: Started, body: object): Promise<string> {
      await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status, output()).toBe(200), 60_000);
      const answer = await execute({ url }, body);
      const { orderId, order_id } = (await answer.json()) as { orderId?: string; order_id?: string };
      const id = orderId ?? order_id!;
      await confirmed(url, id);
      return id;
    }

    async function confirmed(url: string, orderId: string): Promise<void> {
      await vi.waitFor(async () => {
        const order = (await get(`${url}/api/orders/${orderId}`)) as { status: string };
        expect(order.status).toBe('confirmed');
      }, 60_000);
    }

    async function refusal(one: Started): Promise<string[]> {
      if (one.child.exitCode === null) await once(one.child, 'close');
      expect(one.child.exitCode).toBe(1);
      return one.output().trim().split('\n');
    }

    const BODY = { token_in: 'SOL', token_out: 'USDC', amount: 1, order_type: 'market' };
    const part = (name: 'port' | 'password'): string => new URL(redis.url)[name];

    const STARTING: [name: string, dotEnv: (port: number) => string, shown: object][] = [
      ['fromToken: REDIS_URL alone', (port) => `PORT=${port}\nREDIS_URL=${redis.url}\n`, { redis: true }],
      [
        'mixed: DATABASE_URL and REDIS_URL',
        (port) => `PORT=${port}\n    DATABASE_URL=${database.url} \n    REDIS_URL=${redis.url}\n`,
        { redis: true, database: true },
      ],
      [
        'inputToken: REDIS_URL, NODE_ENV',
        (port) => `PORT=${port}\nREDIS_URL=${redis.url}\nNODE_ENV=development\n`,
        { redis: true },
      ],
      [
        'token_in: SERVER_PORT, DATABASE_URL, REDIS_URL, RUST_LOG',
        (port) =>
          `SERVER_PORT=${port}\nREDIS_URL=${redis.url}\nDATABASE_URL=${database.url}\nRUST_LOG=info\n`,
        { redis: true, database: true },
      ],
      [
        'amountIn: DB_*, REDIS_*, QUEUE_*, behind a byte order mark',
        (port) =>
          `${BOM}PORT=${port}\nNODE_ENV=development\n${databaseParts()}\nDB_SSL=\n` +
          `REDIS_HOST=localhost\nREDIS_PORT=${part('port')}\nREDIS_PASSWORD=${part('password')}\n` +
          'QUEUE_MAX_CONCURRENCY=10\nQUEUE_RATE_LIMIT_PER_MINUTE=100\n# SOLANA_PRIVATE_KEY=\n',
        { redis: true, database: true },
      ],
    ];

    test.each(STARTING)(
      'that of %s starts the engine, which trades',
      async (_, dotEnv, shown) => {
        const port = await freePort();
        const engine = await start(dotEnv(port), port);
        await trades(engine, BODY);
        expect((await readiness(engine)).checks).toMatchObject(shown);
        const { rows } = await database.pool.query("SELECT to_regclass('orders') IS NOT NULL AS used");
        expect(rows[0].used).toBe('database' in shown);
        expect(engine.output()).not.toContain(part('password'));
      },
      120_000,
    );

    function databaseParts(): string {
      const { hostname, port, username, password, pathname } = new URL(database.url);
      return `DB_HOST=${hostname}\nDB_PORT=${port}\nDB_NAME=${pathname.slice(1)}\nDB_USER=${username}\nDB_PASSWORD=${password}`;
    }

    test('settings without a meaning here are all refused at once, by name, with their replacements', async () => {
      const port = await freePort();
      const lines = await refusal(
        await start(
          `PORT=${port}\nHOST=0.0.0.0\nWS_WORKER_CONCURRENCY=50\nWS_WORKER_RATE_LIMIT=1000\n` +
            'SOLANA_RPC_URL=https://api.devnet.solana.com\nSOLANA_PRIVATE_KEY=hidden-value\n',
          port,
        ),
      );
      for (const name of [
        'HOST',
        'WS_WORKER_CONCURRENCY',
        'WS_WORKER_RATE_LIMIT',
        'SOLANA_RPC_URL',
        'SOLANA_PRIVATE_KEY',
      ])
        expect(
          lines.filter((line) => line.replace('Cannot start: ', '').startsWith(`${name} `)),
        ).toHaveLength(1);
      expect(lines).toHaveLength(5);
      expect(lines.join()).not.toContain('hidden-value');
    }, 60_000);

    test('one process with Redis keeps its orders in its own database: Redis may be wiped, away and empty again', async () => {
      const port = await freePort();
      const engine = await start(`PORT=${port}\nREDIS_URL=${redis.url}\n`, port);
      const first = await trades(engine, BODY);
      expect(await redis.command('EXISTS', 'oee:orders:meta')).toBe(1);
      const board = await get(`${engine.url}/queues/api/queues`);
      expect(board).toMatchObject({ queues: [{ name: 'orders', readOnlyMode: true }] });
      await redis.command('FLUSHALL');
      await trades(engine, BODY);
      await redis.kill();
      await trades(engine, BODY);
      await redis.start();
      await trades(engine, BODY);
      await confirmed(engine.url, first);
    }, 180_000);

    test('a Redis that carries the orders of one engine is refused to another, and is free once the first is gone', async () => {
      const [one, two] = [await freePort(), await freePort()];
      const engine = await start(`PORT=${one}\nREDIS_URL=${redis.url}\n`, one, 'one');
      await trades(engine, BODY);
      const dotEnv = `PORT=${two}\nREDIS_URL=${redis.url}\n`;
      const lines = await refusal(await start(dotEnv, two, 'two'));
      expect(lines.at(-1)).toMatch(
        /^Cannot start: the Redis of REDIS_URL carries the orders of another store \(all, process/,
      );
      expect(lines.join()).not.toContain(part('password'));
      engine.child.kill('SIGTERM');
      await once(engine.child, 'exit');
      await trades(await start(dotEnv, two, 'two'), BODY);
    }, 180_000);
  });
});
