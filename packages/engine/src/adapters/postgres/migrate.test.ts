import { createHash } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blankOrder } from '../../domain/apply-event.ts';
import { type Order, toAccountId, toOrderId } from '../../domain/order.ts';
import { ORDER_STATUSES, type OrderStatus } from '../../domain/order-status.ts';
import { splitRent } from '../../domain/rent.ts';
import { toSignature } from '../../domain/signature.ts';
import { toEpochMs } from '../../domain/timestamp.ts';
import { toMint } from '../../domain/token.ts';
import { newTestOrder } from '../../ports/order-store.suite.ts';
import { type Migration, MigrationRefused, migrate, readMigrations } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

const shipped = readMigrations();
const next = (sql: string): Migration => ({
  version: shipped.length + 1,
  name: 'next.sql',
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});

const BEFORE_CLOSED_ATTEMPTS = `
INSERT INTO orders (order_id, account_id, fingerprint, type, mint_in, symbol_in, decimals_in, token_program_in, mint_out,
  symbol_out, decimals_out, token_program_out, swap_mode, amount, slippage_bps, created_at, status, sequence, try_number,
  attempt_number, slot, reorged, finalized, updated_at)
SELECT o.id, 'a', '', 'market', 'm', 's', 9, 'p', 'm', 's', 9, 'p', 'exactIn', 1, 1, now(), o.status, 5, 1, o.attempts, o.slot,
  false, o.finalized, now()
FROM (VALUES ('confirmed', 'confirmed', 2, 9, false), ('final', 'confirmed', 1, 9, true),
  ('submitted', 'submitted', 1, NULL, false), ('failed', 'failed', 1, NULL, false)) AS o (id, status, attempts, slot, finalized);
INSERT INTO attempts (order_id, attempt_number, signature, bytes, last_valid_block_height, signing_slot, fill_accounts, state,
  slot, finalized, recorded_at)
SELECT a.id, a.number, a.id || a.number, '', 1, 1, '{}', a.state, a.slot, a.finalized, now()
FROM (VALUES ('confirmed', 1, 'reverted', 5, false), ('confirmed', 2, 'landed', 9, false), ('final', 1, 'landed', 9, true),
  ('submitted', 1, 'open', NULL, false), ('failed', 1, 'expired', NULL, false)) AS a (id, number, state, slot, finalized)`;

/** One order of each status, each with other columns that are null, beside one that has everything. */
const BEFORE_DOCUMENTS = `
INSERT INTO orders (order_id, account_id, client_order_id, idempotency_key, fingerprint, type, mint_in, symbol_in, decimals_in,
  token_program_in, mint_out, symbol_out, decimals_out, token_program_out, swap_mode, amount, slippage_bps, max_price_impact_bps,
  min_amount_out, max_amount_in, execution_guard, dialect, held_until, expires_at, seen_amount, created_at, status, sequence,
  try_number, attempt_number, limit_amount, venue, quoted_price, signature, slot, fill_amount_in, fill_amount_out, network_lamports,
  rent_lamports, executed_price, failure_code, failure_reason, cancel_requested, needs_review, reorged, finalized, awaits_finality,
  waiting_for, wait_since, left_out, updated_at, fence, lease_until, due_at, is_held)
SELECT 'order-' || status, 'a', 'mine-' || status, 'key-' || status, 'body', 'market', 'mintIn', 'A "B"', 9, 'p', 'mintOut', 'C\\', 6, 'q',
  CASE status WHEN 'failed' THEN 'exactOut' WHEN 'expired' THEN 'partialFill' ELSE 'exactIn' END,
  18446744073709551615, CASE WHEN status <> 'open' THEN 50 END, 300, 1, 2, 'strict', 'mixed',
  timestamptz '2025-06-15 15:06:40.123+00', timestamptz '2025-06-15 15:06:40.124+00', 3,
  timestamptz '2025-06-15 15:06:40.001+00', status, 5, 2, 3, 123456789012345678901234567890,
  'raydium+meteora', '150.5', 'sig-' || status, 9007199254740993, 18446744073709551614, 4, 5000,
  CASE status WHEN 'failed' THEN 2039280 ELSE -2039280 END, '0.1', 'no_route', 'why', true, true, true, status = 'confirmed', false,
  'engine_late', timestamptz '2025-06-15 15:06:40.125+00', 'raydium,jupiter', timestamptz '2025-06-15 15:06:40.126+00',
  7, CASE WHEN status IN ('pending', 'routing') THEN now() + interval '1 minute' END,
  CASE WHEN status IN ('pending', 'open', 'routing', 'building', 'submitted') THEN now() END, status = 'pending'
FROM unnest(ARRAY['${ORDER_STATUSES.join("', '")}']) AS status;
INSERT INTO orders (order_id, account_id, fingerprint, type, mint_in, symbol_in, decimals_in, token_program_in, mint_out, symbol_out,
  decimals_out, token_program_out, swap_mode, amount, created_at, status, sequence, try_number, attempt_number, reorged, finalized,
  updated_at, due_at)
VALUES ('bare', 'a', 'body', 'market', 'mintIn', 'A', 0, 'p', 'mintOut', 'B', 18, 'q', 'exactIn', 0,
  timestamptz '1970-01-01 00:00:00+00', 'routing', 1, 0, 0, false, false, timestamptz '1970-01-01 00:00:00.001+00', now())`;

const ORDER_OF_BEFORE = (status: OrderStatus): Order => ({
  request: {
    orderId: toOrderId(`order-${status}`),
    accountId: toAccountId('a'),
    clientOrderId: `mine-${status}`,
    type: 'market',
    tokenIn: { mint: toMint('mintIn'), symbol: 'A "B"', decimals: 9, tokenProgram: 'p' },
    tokenOut: { mint: toMint('mintOut'), symbol: 'C\\', decimals: 6, tokenProgram: 'q' },
    swapMode: status === 'failed' ? 'exactOut' : status === 'expired' ? 'partialFill' : 'exactIn',
    amount: 18_446_744_073_709_551_615n,
    slippageBps: status === 'open' ? 'auto' : 50,
    maxPriceImpactBps: 300,
    minAmountOut: 1n,
    maxAmountIn: 2n,
    executionGuard: 'strict',
    dialect: 'mixed',
    heldUntilMs: toEpochMs(1_750_000_000_123),
    expiresAtMs: toEpochMs(1_750_000_000_124),
    seenAmount: 3n,
    createdAtMs: toEpochMs(1_750_000_000_001),
  },
  status,
  sequence: 5,
  tryNumber: 2,
  attemptNumber: 3,
  limitAmount: 123_456_789_012_345_678_901_234_567_890n,
  venue: 'raydium+meteora',
  quotedPrice: '150.5',
  signature: toSignature(`sig-${status}`),
  slot: 9_007_199_254_740_993n,
  fill: {
    amountIn: 18_446_744_073_709_551_614n,
    amountOut: 4n,
    fees: { networkLamports: 5_000n, ...splitRent(status === 'failed' ? 2_039_280n : -2_039_280n) },
  },
  executedPrice: '0.1',
  failure: { code: 'no_route', reason: 'why' },
  cancelRequested: true,
  needsReview: true,
  reorged: true,
  finalized: status === 'confirmed',
  waitingFor: 'engine_late',
  waitSinceMs: toEpochMs(1_750_000_000_125),
  leftOut: ['raydium', 'jupiter'],
  resting: null,
  updatedAtMs: toEpochMs(1_750_000_000_126),
});

function promises(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let pool: pg.Pool;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ pool, close } = await open());
  });
  afterAll(() => close());

  test('brings an empty database to the newest schema, once', async () => {
    expect(await migrate(pool)).toEqual(shipped.map(({ name }) => name));
    expect(await migrate(pool)).toEqual([]);
  });

  test('leaves no table and no column without a comment', async () => {
    const { rows } = await pool.query(`
      SELECT c.relname AS "table", a.attname AS "column"
      FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
        AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)`);
    expect(rows).toEqual([]);
  });

  test('keeps the outcomes of attempts that an older version recorded', async () => {
    await pool.query('CREATE SCHEMA before; SET search_path TO before');
    const at = shipped.findIndex(({ name }) => name === '0016_closed_attempts.sql');
    await migrate(pool, { migrations: shipped.slice(0, at) });
    await pool.query(BEFORE_CLOSED_ATTEMPTS);
    await migrate(pool);
    const store = createPostgresOrderStore({ pool });
    const states = async (id: string) =>
      (await store.attempts(toOrderId(id))).map(({ state, slot, finalized }) => [state, slot, finalized]);
    expect(await states('confirmed')).toEqual([
      ['reverted', 5n, false],
      ['landed', 9n, false],
    ]);
    expect(await states('final')).toEqual([['landed', 9n, true]]);
    expect(await states('submitted')).toEqual([['open', null, false]]);
    expect(await states('failed')).toEqual([['expired', null, false]]);
    expect((await store.unfinalizedAttempts(10)).map(({ orderId }) => orderId)).toEqual(['confirmed']);
    await pool.query('SET search_path TO public; DROP SCHEMA before CASCADE');
  });

  test('keeps every order, whatever its status, when its request becomes a document', async () => {
    await pool.query('CREATE SCHEMA before; SET search_path TO before');
    const at = shipped.findIndex(({ name }) => name === '0023_request_document.sql');
    await migrate(pool, { migrations: shipped.slice(0, at) });
    await pool.query(BEFORE_DOCUMENTS);
    const kept = `SELECT order_id, idempotency_key, fingerprint, fence, lease_until, due_at, awaits_finality, is_held
      FROM orders ORDER BY order_id`;
    const before = (await pool.query<{ fingerprint: string }>(kept)).rows;
    await migrate(pool);
    const store = createPostgresOrderStore({ pool });
    for (const status of ORDER_STATUSES)
      expect(await store.get(toOrderId(`order-${status}`))).toEqual(ORDER_OF_BEFORE(status));
    const { request } = newTestOrder({
      ...{
        orderId: toOrderId('bare'),
        accountId: toAccountId('a'),
        amount: 0n,
        slippageBps: 'auto',
        createdAtMs: toEpochMs(0),
      },
      tokenIn: { mint: toMint('mintIn'), symbol: 'A', decimals: 0, tokenProgram: 'p' },
      tokenOut: { mint: toMint('mintOut'), symbol: 'B', decimals: 18, tokenProgram: 'q' },
    }).order;
    expect(await store.get(toOrderId('bare'))).toEqual({
      ...blankOrder(request),
      ...{ status: 'routing', sequence: 1, updatedAtMs: 1 },
    });
    const digest = createHash('sha256').update('body').digest('base64');
    expect(before.map(({ fingerprint }) => fingerprint)).toEqual(before.map(() => 'body'));
    expect((await pool.query(kept)).rows).toEqual(before.map((row) => ({ ...row, fingerprint: digest })));
    await pool.query('SET search_path TO public; DROP SCHEMA before CASCADE');
  });

  test('changes nothing when a file fails', async () => {
    const broken = next('CREATE TABLE half (a integer); SELECT broken');
    await expect(migrate(pool, { migrations: [...shipped, broken] })).rejects.toThrow('broken');
    expect((await pool.query("SELECT to_regclass('half') AS found")).rows).toEqual([{ found: null }]);
    expect(await migrate(pool)).toEqual([]);
  });

  test('refuses a database that a newer engine has migrated, and one whose migration files have changed', async () => {
    const client = await pool.connect();
    await client.query(
      "INSERT INTO schema_migrations (version, name, sha256) VALUES (9999, '9999_later.sql', '')",
    );
    client.release();
    await expect(migrate(pool)).rejects.toThrow(MigrationRefused);
    await expect(migrate(pool)).rejects.toThrow('9999_later.sql');
    await pool.query('DELETE FROM schema_migrations WHERE version = 9999');

    const changed = shipped.map((migration) => ({ ...migration, sha256: 'other' }));
    await expect(migrate(pool, { migrations: changed })).rejects.toThrow(
      `migration ${shipped[0]!.name} was changed after it was applied`,
    );
    expect(await migrate(pool)).toEqual([]);
  });
}

describe('a migration of PGlite', () => promises(openPglite));

await describeWithPostgres('a migration of PostgreSQL', () => {
  promises(createTestDatabase);

  test('runs once when many processes start together', async () => {
    const database = await createTestDatabase();
    const pools = Array.from({ length: 4 }, () => openPostgres(database.url));
    const applied = await Promise.all(pools.map((pool) => migrate(pool)));
    expect(applied.flat()).toEqual(shipped.map(({ name }) => name));
    await Promise.all(pools.map((pool) => pool.end()));
    await database.close();
  });
});
