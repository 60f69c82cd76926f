import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OrderId, toAccountId, toOrderId } from '../../../domain/order.ts';
import { ORDER_STATUSES } from '../../../domain/order-status.ts';
import { toMint } from '../../../domain/token.ts';
import { newTestOrder } from '../../../ports/order-store.suite.ts';
import type { OrderFilter } from '../../../ports/order-store.ts';
import { migrate } from '../migrate.ts';
import { createPostgresOrderStore } from '../order-store.ts';
import { openPglite } from '../pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from '../test-databases.suite.ts';
import { VOID_LEASES_SQL } from './claim.ts';
import { listSql } from './list.ts';
import { NEWEST_FINALIZED_SQL, UNFINALIZED_ATTEMPTS_SQL, UNFINISHED_ORDERS_SQL } from './read.ts';

const ORDERS = 10_000;
const LIMIT = 51;
/** A page reads its orders, each from a page of the table at worst, and a few pages of each of five indexes. */
const MOST_BLOCKS = LIMIT + 5 * 8;

type Filter = Omit<OrderFilter, 'accountId' | 'limit'>;

/** Each with how many orders it has on its page. Two tokens are never traded with each other: alone, each fits half of the orders. */
const FILTERS: Readonly<Record<string, readonly [Filter, number]>> = {
  'no filter': [{}, LIMIT],
  'a status that all have': [{ statuses: ['confirmed'] }, LIMIT],
  'a status that five have, the oldest': [{ statuses: ['canceled'] }, 5],
  'a status that none has': [{ statuses: ['expired'] }, 0],
  'a status of orders under way that none has': [{ statuses: ['building'] }, 0],
  'statuses that few have': [{ statuses: ['canceled', 'expired', 'routing'] }, 5],
  'a token spent that half have': [{ mintIn: toMint('in1') }, LIMIT],
  'a token spent that none has': [{ mintIn: toMint('in9') }, 0],
  'a token received that half have': [{ mintOut: toMint('out0') }, LIMIT],
  'a token received that none has': [{ mintOut: toMint('out9') }, 0],
  'a pair that none has': [{ mintIn: toMint('in0'), mintOut: toMint('out1') }, 0],
  'a pair and a status': [{ mintIn: toMint('in0'), mintOut: toMint('out0'), statuses: ['confirmed'] }, LIMIT],
  'a pair and a status that none has': [
    { mintIn: toMint('in0'), mintOut: toMint('out0'), statuses: ['expired'] },
    0,
  ],
  'a token and a status that none has': [{ mintIn: toMint('in0'), statuses: ['expired'] }, 0],
  'a client order id': [{ clientOrderId: 'mine' }, 1],
  'a client order id with another status': [{ clientOrderId: 'mine', statuses: ['failed'] }, 0],
  'a client order id that is unknown': [{ clientOrderId: 'none', mintIn: toMint('in0') }, 0],
  'orders that need review': [{ needsReview: true }, 0],
  'orders that need review, with a status': [{ needsReview: true, statuses: ['submitted'] }, 0],
  'a page deep inside': [{ before: idOf(5_000) }, LIMIT],
  'a page deep inside, of a status that none has': [{ before: idOf(5_000), statuses: ['expired'] }, 0],
  'a page deep inside, of a token and a status': [
    { before: idOf(5_000), mintOut: toMint('out1'), statuses: ['confirmed'] },
    LIMIT,
  ],
};

function suite(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let database: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    database = await open();
    await migrate(database.pool);
    await fill(database.pool, 'confirmed', 1, ORDERS);
    await database.pool.query(`UPDATE orders SET status = 'canceled' WHERE order_id <= '${idOf(5)}'`);
  }, 120_000);
  afterAll(() => database.close());

  const run = async ({ text, values }: { readonly text: string; readonly values: readonly unknown[] }) => {
    const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
    const { rows } = await database.pool.query(explained, [...values]);
    const { Plan: plan } = rows[0]['QUERY PLAN'][0];
    return { rows: plan['Actual Rows'], blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
  };
  const read = (filter: Filter) => run(listSql({ accountId: toAccountId('a'), limit: LIMIT, ...filter }));
  const expectBounded = async (filter: Filter, count: number) => {
    const { rows, blocks } = await read(filter);
    expect(rows).toBe(count);
    expect(blocks).toBeLessThanOrEqual(MOST_BLOCKS);
  };

  for (const [title, [filter, count]] of Object.entries(FILTERS))
    test(`reads a page's orders alone: ${title}`, () => expectBounded(filter, count));

  test('reads no further than an offset asks for', async () => {
    for (const statuses of [ORDER_STATUSES, ['confirmed'] as const]) {
      const { rows, blocks } = await read({ statuses, offset: 500 });
      expect(rows).toBe(LIMIT);
      expect(blocks).toBeLessThanOrEqual(MOST_BLOCKS + 500);
    }
  });

  const IN_TURN: Readonly<Record<string, readonly [string, readonly unknown[], number]>> = {
    'unfinished orders': [UNFINISHED_ORDERS_SQL, ['', 500], 0],
    'attempts that are not final': [UNFINALIZED_ATTEMPTS_SQL, [100], 0],
    'leases to void': [VOID_LEASES_SQL, [], 0],
    'the newest finalized orders': [NEWEST_FINALIZED_SQL, [32], 32],
  };
  for (const [title, [text, values, count]] of Object.entries(IN_TURN))
    test(`reads no finished order but those that are asked for: ${title}`, async () => {
      const { rows, blocks } = await run({ text, values });
      expect(rows).toBe(count);
      expect(blocks).toBeLessThanOrEqual(MOST_BLOCKS + 4 * count); // Each with its attempt.
    });

  test('goes by no statistics: those of a table in which every order was confirmed mislead it in nothing', async () => {
    await database.pool.query('ANALYZE orders');
    await fill(database.pool, 'failed', ORDERS + 1, 2 * ORDERS);
    await expectBounded({ statuses: ['confirmed'] }, LIMIT);
    await expectBounded({ statuses: ['failed'] }, LIMIT);
    await expectBounded({ statuses: ['failed'], mintIn: toMint('in0'), mintOut: toMint('out0') }, LIMIT);
    await expectBounded({ statuses: ['canceled'] }, 5);
    await expectBounded({ statuses: ['expired'] }, 0);
  });
}

function idOf(number: number): OrderId {
  return toOrderId(`order-${String(number).padStart(9, '0')}`);
}

/** Finished orders, made of one that the store wrote. Every order has one of two pairs. */
async function fill(
  pool: pg.Pool,
  status: 'confirmed' | 'failed',
  first: number,
  last: number,
): Promise<void> {
  const { order, events } = newTestOrder({
    accountId: toAccountId('a'),
    clientOrderId: `mine${first === 1 ? '' : first}`,
  });
  const keys = { idempotencyKey: null, fingerprint: '' };
  await createPostgresOrderStore({ pool }).submit(order, events, keys);
  await pool.query(
    `INSERT INTO orders (order_id, account_id, fingerprint, mint_in, mint_out, request, status, sequence, attempt_number, finalized, signature, state)
     SELECT 'order-' || lpad(i::text, 9, '0'), account_id, fingerprint, 'in' || i % 2, 'out' || i % 2, request, $2, 6, 1, true, 'order-' || lpad(i::text, 9, '0'), state
     FROM orders, generate_series($3::integer, $4::integer) i WHERE order_id = $1`,
    [order.request.orderId, status, first, last],
  );
  await pool.query(
    `INSERT INTO attempts (order_id, attempt_number, signature, last_valid_block_height, signing_slot, recorded_at)
     SELECT order_id, 1, order_id, 1, 1, now() FROM orders
     WHERE signature = order_id AND order_id BETWEEN '${idOf(first)}' AND '${idOf(last)}'`,
  );
  for (const sql of [
    `UPDATE orders SET status = '${status}', due_at = NULL, order_id = 'template-${first}' WHERE order_id = $1`,
    `UPDATE client_order_ids SET order_id = 'template-${first}' WHERE order_id = $1`,
  ])
    await pool.query(sql, [order.request.orderId]);
}

describe('a page of many orders in PGlite', () => {
  suite(() => openPglite());
});
await describeWithPostgres('a page of many orders on a server', () => {
  suite(createTestDatabase);
});
