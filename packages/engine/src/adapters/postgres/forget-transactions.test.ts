import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_FILL_ACCOUNTS } from '../../domain/attempt.ts';
import type { Order } from '../../domain/order.ts';
import type { AttemptChange } from '../../domain/order-change.ts';
import type { EventDraft } from '../../domain/order-event.ts';
import {
  attemptOf,
  BUILDING,
  fill,
  LEASE_MS,
  NO_KEYS,
  newTestOrder,
  ROUTING,
  submitted,
  transition,
} from '../../ports/order-store.suite.ts';
import type { Claim, OrderStore } from '../../ports/order-store.ts';
import { forgetTransactions } from './forget-transactions.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './open-postgres.ts';
import { createPostgresOrderStore } from './order-store.ts';
import { openPglite } from './pglite/pglite.ts';
import { OLDEST_PART_SQL } from './sql/transactions.ts';
import { createTestDatabase, describeWithPostgres } from './test-databases.suite.ts';

function forgets(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let pool: pg.Pool;
  let store: OrderStore;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ pool, close } = await open());
    await migrate(pool);
    store = createPostgresOrderStore({ pool });
  });
  afterEach(() => close());

  async function advance(
    claim: Claim,
    drafts: readonly EventDraft[],
    attempt: AttemptChange,
  ): Promise<Claim> {
    const fence = attempt.kind === 'set' ? null : claim.fence;
    const change = transition(claim, drafts, { fence, attempt });
    expect(await store.transition(change)).toMatchObject({ outcome: 'committed' });
    return { ...claim, order: change.order };
  }

  async function signed(): Promise<Claim> {
    const { order, events } = newTestOrder();
    await store.submit(order, events, NO_KEYS);
    const claimed = await store.claim(order.request.orderId, LEASE_MS);
    if (claimed.outcome !== 'claimed') throw new Error('not claimed');
    const attempt = attemptOf(order, 1);
    return advance(claimed.claim, [ROUTING, BUILDING, submitted(attempt)], { kind: 'record', attempt });
  }

  const land = (claim: Claim): Promise<Claim> =>
    advance(claim, [{ type: 'order.confirmed', data: fill(claim.order.signature!) }], {
      ...{ kind: 'set', attemptNumber: 1, from: 'open', to: 'landed', slot: 101n, finalized: false },
    });
  const finalize = (claim: Claim): Promise<Claim> =>
    advance(claim, [{ type: 'order.finalized', data: fill(claim.order.signature!) }], {
      ...{ kind: 'set', attemptNumber: 1, from: 'landed', to: 'landed', slot: 101n, finalized: true },
    });

  /** As when ten to twenty minutes have passed. */
  const age = () => pool.query(`UPDATE transactions SET part = (${OLDEST_PART_SQL})`);
  const attemptsOf = ({ request }: Order) => store.attempts(request.orderId);
  const rows = async (): Promise<number> => (await pool.query('SELECT FROM transactions')).rowCount!;

  test('of an order that can change no more, and nothing else of it', async () => {
    const { order } = await finalize(await land(await signed()));
    const before = await store.events(order.request.orderId, 0, 10);
    await age();
    await forgetTransactions(pool);
    expect(await rows()).toBe(0);
    expect(await attemptsOf(order)).toEqual([
      {
        ...attemptOf(order, 1),
        ...{ state: 'landed', slot: 101n, finalized: true },
        ...{ bytes: new Uint8Array(), fillAccounts: NO_FILL_ACCOUNTS },
      },
    ]);
    expect(await store.get(order.request.orderId)).toEqual(order);
    expect(await store.events(order.request.orderId, 0, 10)).toEqual(before);
  });

  test('of no order that may still change, however often', async () => {
    const claims = [await signed(), await land(await signed())];
    const before = await Promise.all(claims.map(({ order }) => attemptsOf(order)));
    expect(before.map(([attempt]) => attempt!.bytes.length)).not.toContain(0);
    for (let times = 0; times < 4; times += 1) {
      await age();
      await forgetTransactions(pool); // Carries them on.
      await forgetTransactions(pool);
      expect(await rows()).toBe(2);
    }
    expect(await Promise.all(claims.map(({ order }) => attemptsOf(order)))).toEqual(before);
    expect((await store.unfinalizedAttempts(10)).map(({ bytes }) => bytes.length)).not.toContain(0);
  });

  test('only once another call has found nothing to carry on, since a backup may have begun before', async () => {
    const { order } = await signed();
    await finalize(await land(await signed()));
    await age();
    await forgetTransactions(pool);
    expect(await rows()).toBe(3);
    expect(await attemptsOf(order)).toEqual([attemptOf(order, 1)]);
    await forgetTransactions(pool);
    expect(await rows()).toBe(1);
    expect(await attemptsOf(order)).toEqual([attemptOf(order, 1)]);
  });

  test('none of the last ten minutes', async () => {
    await finalize(await land(await signed()));
    await forgetTransactions(pool);
    expect(await rows()).toBe(1);
  });
}

describe('PGlite forgets transactions', () => forgets(openPglite));

await describeWithPostgres('PostgreSQL forgets transactions', () => {
  forgets(createTestDatabase);

  test('not while another session reads them, and holds up writes only briefly', async () => {
    const { pool, url, close } = await createTestDatabase();
    await migrate(pool);
    const other = openPostgres(url, { poolSize: 1 });
    const reader = await other.connect();
    await pool.query(
      `INSERT INTO transactions SELECT part, 'order', 1, '', '{}' FROM (${OLDEST_PART_SQL}) p`,
    );
    await reader.query('BEGIN; SELECT FROM transactions');
    await expect(forgetTransactions(pool)).rejects.toThrow('lock timeout');
    await reader.query('COMMIT');
    await forgetTransactions(pool);
    expect((await pool.query('SELECT FROM transactions')).rowCount).toBe(0);
    reader.release();
    await other.end();
    await close();
  });
});
