import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import { openPglite } from '../pglite/pglite.ts';
import { NEW_ORDER } from '../sql/submit.ts';
import { ORDER_CHANGE } from '../sql/transition.ts';
import { createTestDatabase, describeWithPostgres } from '../test-databases.suite.ts';
import { CLOSED_ATTEMPT } from './attempt-row.ts';
import { NEW_EVENT } from './event-row.ts';
import { NEW_ATTEMPT } from './receipt-row.ts';
import { encodeRows, rowsOf, rowType } from './row-type.ts';

const FIELDS_SQL = `SELECT attname::text AS name, atttypid::integer AS id FROM pg_attribute
WHERE attrelid = (SELECT typrelid FROM pg_type WHERE typname = $1) AND attnum > 0 ORDER BY attnum`;

const EVERY_KIND = rowType(
  'every_kind',
  { a_text: 'text', a_json: 'json', a_smallint: 'smallint', an_integer: 'integer', a_bigint: 'bigint' },
  {
    a_double: 'double precision',
    a_boolean: 'boolean',
    bytes: 'bytea',
    a_time: 'timestamptz',
    a_number: 'numeric',
  },
);
const CREATE_EVERY_KIND = `CREATE TYPE every_kind AS (a_text text, a_json json, a_smallint smallint, an_integer integer,
  a_bigint bigint, a_double double precision, a_boolean boolean, bytes bytea, a_time timestamptz, a_number numeric)`;

/** A row of that type, in its two parts. */
const row = (values: Readonly<Record<string, unknown>>) => [values, values];

const ORDINARY = {
  a_text: 'ñ "quoted" \\ {,} 🦀',
  a_json: '{"a":[1,"b"],  "kept": "as written"}',
  a_smallint: -32_768,
  an_integer: 2_147_483_647,
  a_bigint: -9_223_372_036_854_775_808n,
  a_double: 0.1,
  a_boolean: true,
  bytes: Uint8Array.of(0, 255, 7),
  a_time: Date.UTC(2026, 10, 21, 1, 2, 3, 456),
  a_number: 18_446_744_073_709_551_615n,
};

function reads(open: () => Promise<{ pool: pg.Pool; close(): Promise<void> }>): void {
  let pool: pg.Pool;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ pool, close } = await open());
    await migrate(pool);
    await pool.query(CREATE_EVERY_KIND);
  });
  afterAll(() => close());

  const cross = async (rows: readonly (readonly object[])[]) => {
    const text = `SELECT r.*, r.a_json::text AS json_text FROM ${rowsOf('$1', 'r', EVERY_KIND)}`;
    return (await pool.query(text, [encodeRows(EVERY_KIND, rows)])).rows;
  };

  test.each([NEW_ORDER, ORDER_CHANGE, NEW_EVENT, NEW_ATTEMPT, CLOSED_ATTEMPT])(
    '$name has the columns of the type that the migrations made',
    async ({ name, groups }) => {
      const { rows } = await pool.query(FIELDS_SQL, [name]);
      expect(groups.flat().map((field) => ({ name: field.name, id: field.id }))).toEqual(rows);
    },
  );

  test('takes every kind of value to the unit and the byte', async () => {
    expect(await cross([row(ORDINARY)])).toEqual([
      {
        ...ORDINARY,
        a_json: { a: [1, 'b'], kept: 'as written' },
        json_text: ORDINARY.a_json,
        a_bigint: '-9223372036854775808',
        bytes: Buffer.from(ORDINARY.bytes),
        a_time: new Date(ORDINARY.a_time),
        a_number: '18446744073709551615',
      },
    ]);
  });

  test('takes whole numbers of any size and sign', async () => {
    const numbers = [0n, 1n, -1n, 9_999n, 10_000n, -10_000n, 100_000_000n, 123_456_789_012n, -(2n ** 70n)];
    const rows = await cross(numbers.map((number) => row({ a_text: 'x', a_number: number })));
    expect(rows.map(({ a_number }) => a_number)).toEqual(numbers.map(String));
  });

  test('takes times before the year 2000, and nulls, and no rows at all', async () => {
    const [before] = await cross([
      row({ a_text: '', a_time: 1, a_boolean: false, an_integer: 0, a_number: null }),
    ]);
    expect(before).toMatchObject({
      a_text: '',
      a_boolean: false,
      an_integer: 0,
      a_number: null,
      bytes: null,
    });
    expect(before.a_time).toEqual(new Date(1));
    expect(await cross([])).toEqual([]);
  });
}

describe('rows in one parameter, on PGlite', () => reads(() => openPglite()));
await describeWithPostgres('rows in one parameter, on PostgreSQL', () => reads(createTestDatabase));
