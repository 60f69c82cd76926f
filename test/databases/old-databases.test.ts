import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { accountEvent, operations, orderEvent, order as orderSchema } from '@oee/api-schema';
import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../packages/engine/src/adapters/postgres/migrate.ts';
import { createPostgresOrderRetention } from '../../packages/engine/src/adapters/postgres/order-retention.ts';
import { createPostgresOrderStore } from '../../packages/engine/src/adapters/postgres/order-store.ts';
import { openPglite } from '../../packages/engine/src/adapters/postgres/pglite/pglite.ts';
import {
  createTestDatabase,
  describeWithPostgres,
} from '../../packages/engine/src/adapters/postgres/test-databases.suite.ts';
import { toOrderId } from '../../packages/engine/src/domain/order.ts';
import { toEpochMs } from '../../packages/engine/src/domain/timestamp.ts';
import type { Engine } from '../../packages/engine/src/execution/engine.ts';
import { serveTestApp, TEST_DEADLINES } from '../../packages/engine/test/support/app.ts';
import { createWorld, type TestWorld } from '../../packages/engine/test/support/world.ts';
import { restoreDump } from '../support/restore-dump.ts';
import { converse } from '../support/socket-client.ts';

const DIRECTORY = fileURLToPath(new URL('../../packages/engine/test/fixtures/databases/', import.meta.url));
const dumps = readdirSync(DIRECTORY).filter((name) => name.endsWith('.sql.gz'));
const OVER = ['confirmed', 'failed', 'canceled', 'expired'];
const PATIENCE_MS = 240_000;
/** Streams of one dialect stay open after the end: not for longer than this, or the test would wait for an hour. */
const DEADLINES = { ...TEST_DEADLINES, overMs: 100 };

/** Reads only: what goes on with them is told in old-directory.test.ts, where their own chain is. */
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld();
});

test('there is a dump of each version that changed orders or events', () => {
  expect(dumps.length).toBeGreaterThanOrEqual(10);
});

await describeWithPostgres('a database of an older version, on a server', () => {
  test.each(dumps)(
    '%s is read through every route, each stream included',
    async (name) => {
      const { pool, close } = await createTestDatabase();
      await restore(pool, name);
      await expectReadable(pool);
      await close();
    },
    PATIENCE_MS,
  );
});

await describeWithPostgres('a database from before orders were divided into windows', () => {
  test(
    'keeps the keys of its clients, and all that it has when the first window begins',
    async () => {
      const { pool, close } = await createTestDatabase();
      await restoreDump(pool, gunzipSync(readFileSync(`${DIRECTORY}0025.sql.gz`)).toString());
      const keyed = async (sql: string) => (await pool.query<{ keys: string[] }>(sql)).rows[0]!.keys;
      const pairs = (table: string, key: string) =>
        keyed(`SELECT array_agg(${key} || ' ' || order_id ORDER BY ${key}) AS keys FROM ${table}
               WHERE ${key} IS NOT NULL`);
      await pool.query(
        `UPDATE orders SET idempotency_key = 'key of ' || order_id, client_order_id = 'id-' || order_id`,
      );
      const before = await Promise.all([
        pairs('orders', 'idempotency_key'),
        pairs('orders', 'client_order_id'),
      ]);
      await migrate(pool);
      expect(before.map((keys) => keys.length)).not.toContain(0);
      expect(await pairs('client_order_ids', 'client_order_id')).toEqual(before[1]);
      expect(await pairs('idempotency_keys', 'idempotency_key')).toEqual(expect.arrayContaining(before[0]!));

      const retention = createPostgresOrderRetention({ pool, embedded: false });
      expect(await retention.removeOld(36_500, toEpochMs(Date.now()))).toEqual([]);
      expect((await pool.query('SELECT name FROM order_windows')).rows).toHaveLength(1);
      await expectReadable(pool);
      await close();
    },
    PATIENCE_MS,
  );
});

await describeWithPostgres('a database from before transactions had a table', () => {
  test(
    'keeps what was signed for the orders that may still change',
    async () => {
      const { pool, close } = await createTestDatabase();
      await restoreDump(pool, gunzipSync(readFileSync(`${DIRECTORY}0026.sql.gz`)).toString());
      const { rows: before } = await pool.query<{ order_id: string; bytes: Buffer; fill_accounts: object }>(
        'SELECT order_id, bytes, fill_accounts FROM attempts JOIN orders USING (order_id) WHERE settled_as IS NULL',
      );
      expect(before.length).toBeGreaterThan(0);
      await migrate(pool);
      const store = createPostgresOrderStore({ pool });
      for (const { order_id, bytes, fill_accounts } of before)
        expect(await store.attempts(toOrderId(order_id))).toMatchObject([
          { bytes: new Uint8Array(bytes), fillAccounts: fill_accounts },
        ]);
      expect((await pool.query('SELECT FROM transactions')).rowCount).toBe(before.length);
      await close();
    },
    PATIENCE_MS,
  );
});

describe('a database of an older version, embedded', () => {
  test.each([dumps[0]!, dumps.at(-1)!])(
    '%s is read through every route',
    async (name) => {
      const { pool, close } = await openPglite();
      await restore(pool, name);
      await expectReadable(pool);
      await close();
    },
    PATIENCE_MS,
  );
});

/** As `psql` would, then as a start does. */
async function restore(pool: pg.Pool, name: string): Promise<void> {
  await restoreDump(pool, gunzipSync(readFileSync(`${DIRECTORY}${name}`)).toString());
  await migrate(pool);
}

const engineOn = (pool: pg.Pool): Engine =>
  world.anotherProcess({ orders: createPostgresOrderStore({ pool, log: world.engine.log }) });

interface Shown {
  readonly orderId: string;
  readonly status: string;
  readonly sequence: number;
}

const explanation = operations().find(({ path }) => path === '/api/orders/{orderId}/explain')!.answers[200]!
  .body;

async function expectReadable(pool: pg.Pool): Promise<void> {
  const { app, url } = await serveTestApp(engineOn(pool), { deadlines: DEADLINES });
  const read = async (path: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const response = await fetch(url + path, { headers });
    const text = await response.text();
    expect(`${path} ${response.status} ${response.ok ? '' : text}`).toBe(`${path} 200 `);
    return headers.accept ? text : JSON.parse(text);
  };
  const { data } = (await read('/api/orders?limit=200')) as { data: Shown[] };
  expect(data.length).toBeGreaterThan(10);
  for (const one of data) orderSchema.strict().parse(one);
  const page = (await read('/api/orders?offset=0&limit=200')) as { count: number };
  expect(page.count).toBe(data.length);

  for (const { orderId, status, sequence } of data) {
    orderSchema.parse(await read(`/api/orders/${orderId}`));
    const log = (await read(`/api/orders/${orderId}/events`)) as { data: { sequence: number }[] };
    for (const event of log.data) expect(orderEvent.parse(event)).toEqual(event);
    expect(log.data.map((event) => event.sequence)).toEqual(log.data.map((_, index) => index + 1));
    const explained = (await read(`/api/orders/${orderId}/explain`)) as { execution: unknown };
    explanation!.parse(explained);
    expect(explained.execution !== null, `execution of ${orderId}`).toBe(status === 'confirmed');
    await expectStreams(url, { orderId, status, sequence }, log.data.length);
  }

  const total = (await pool.query('SELECT count(*)::integer AS events FROM order_events')).rows[0].events;
  const account = await converse(`${url.replace('http', 'ws')}/api/stream?after=0`, { enough: total + 1 });
  const [, ...events] = account.updates;
  for (const event of events) expect(accountEvent.parse(event)).toEqual(event);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  await app.close();
}

/** The canonical stream and those of the dialects; of an order that is not over, its history so far. */
async function expectStreams(url: string, { orderId, status }: Shown, events: number): Promise<void> {
  const sockets = url.replace('http', 'ws');
  const isOver = OVER.includes(status);
  const stream = `${sockets}/api/orders/${orderId}/stream`;
  const canonical = await converse(stream, isOver ? {} : { enough: events });
  for (const one of canonical.updates.filter(({ type }) => type !== 'connected')) orderEvent.parse(one);
  expect(canonical.updates.length, `stream of ${orderId}`).toBeGreaterThan(0);
  expect(canonical.code).toBe(isOver ? 1000 : 1005);
  const enough = isOver ? {} : { enough: 1 };
  const dialects = await Promise.all([
    converse(`${sockets}/ws?orderId=${orderId}`, enough),
    converse(`${sockets}/api/orders/execute?orderId=${orderId}`, enough),
    converse(`${sockets}/api/orders/ws/${orderId}`, enough),
    converse(`${sockets}/api/orders/status`, { ...enough, says: [orderId] }),
  ]);
  const word = status === 'confirmed' ? 'confirmed' : 'failed';
  for (const { updates, code } of dialects) {
    expect(code).toBe(isOver ? 1000 : 1005);
    if (isOver) expect(updates.at(-1)).toMatchObject({ status: word });
  }
}
