import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { OPERATIONS, operations, PROBLEMS, submitOrderBody } from '@oee/api-schema';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../src/adapters/postgres/migrate.ts';
import { openPglite } from '../src/adapters/postgres/pglite/pglite.ts';
import { KEPT_COLUMNS, REQUEST_COLUMNS, STATE_COLUMNS } from '../src/adapters/postgres/rows/order-columns.ts';
import { ProblemError } from '../src/api/problems.ts';
import { readTerms } from '../src/api/read-terms.ts';
import { NAMES_OF_OTHERS } from '../src/config/names-of-others.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { settingsDocuments } from '../src/config/settings-documents.ts';
import { ORDER_STATUSES, type OrderStatus } from '../src/domain/order-status.ts';
import { PRICES_OF } from '../src/domain/order-type.ts';
import { TRANSITIONS } from '../src/domain/transitions.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('docs/configuration.md and .env.example equal what the settings generate', () => {
  for (const [path, text] of Object.entries(settingsDocuments(read('docs/configuration.md'))))
    expect(read(path), path).toBe(text);
});

test('docs/configuration.md gets each setting once, and keeps the text around the table', () => {
  const table = '| name | default | meaning |\n|---|---|---|\n';
  const made =
    settingsDocuments(`Before\n\n${table}| \`GONE\` | | |\n\nAfter\n`)['docs/configuration.md'] ?? '';
  expect([...made.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(Object.keys(SETTINGS));
  expect(made).toMatch(/^Before\n\n\| name [\s\S]*\|\n\nAfter\n$/);
  expect(() => settingsDocuments('no table')).toThrow('has no table');
});

describe('docs/api.md', () => {
  const rows = read('docs/api.md').match(/^\| `(?:GET|POST|PATCH|DELETE) .*$/gm) ?? [];

  test('has the path of every operation of the contract', () => {
    const shown = rows.flatMap((row) => (row.split(' | ')[0] ?? '').match(/\/[\w/{}.]+/g) ?? []);
    expect(operations().filter(({ path }) => !shown.includes(path))).toEqual([]);
  });

  test('has the limits of the list of orders as the contract has them', () => {
    const row = rows.find((one) => one.startsWith('| `GET /api/orders?')) ?? '';
    const [, least, most, absent] = /limit (\d+) to (\d+), (\d+) if absent/.exec(row)!.map(Number);
    const accepts = (limit: number) => OPERATIONS.listOrders.query.safeParse({ limit: `${limit}` }).success;
    expect([least! - 1, least!, most!, most! + 1].map(accepts)).toEqual([false, true, true, false]);
    expect(OPERATIONS.listOrders.query.parse({}).limit).toBe(absent);
  });
});

describe('docs/orders', () => {
  const words = (cell = ''): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, word = '']) => word);
  const table = read('docs/orders/README.md').split('\n## ')[0]!;
  const rows = [...table.matchAll(/^\| \[?`.*$/gm)].map(([row]) => row.split(' | '));
  const isRead = (body: object): boolean => {
    const parsed = submitOrderBody.parse({ tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1', ...body });
    try {
      return readTerms({ body: parsed, text: JSON.stringify(parsed) }).type === parsed.type;
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  };

  test('names the prices that each type needs, as the domain has them', () => {
    const shown = rows.map(([type, prices]) => [words(type)[0], words(prices)]);
    expect(Object.fromEntries(shown)).toEqual(PRICES_OF);
  });

  test('names the timeInForce that each type takes, as the API reads it', () => {
    for (const [type, prices, , , taken] of rows) {
      const body = {
        type: words(type)[0],
        ...Object.fromEntries(words(prices).map((field) => [field, field === 'trailingBps' ? 100 : '150'])),
      };
      const isTaken = (timeInForce: string): boolean =>
        isRead({ ...body, timeInForce, ...(timeInForce === 'gtd' && { expiresAt: '2030-01-31T12:00:00Z' }) });
      expect(['gtc', 'gtd', 'ioc', 'fok'].filter(isTaken), type).toEqual(words(taken));
    }
  });

  test('shows bodies that the API reads', () => {
    const pages = readdirSync(new URL('../../../docs/orders', import.meta.url));
    const bodies = pages.flatMap((page) =>
      [...read(`docs/orders/${page}`).matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, body]) => body!),
    );
    expect(bodies.length).toBeGreaterThanOrEqual(pages.length - 1);
    expect(bodies.filter((body) => !isRead(JSON.parse(body)))).toEqual([]);
  });
});

test('docs/api.md lists every error code with its status', () => {
  const rows = [...read('docs/api.md').matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|$/gm)].map(
    ([, code, status]) => [code, Number(status)],
  );
  expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
});

describe('docs/schema.md', () => {
  interface Row {
    readonly table: string;
    readonly column: string;
    readonly type: string;
    readonly meaning: string;
  }
  let columns: readonly Row[];
  beforeAll(async () => {
    const { pool, close } = await openPglite();
    await migrate(pool);
    const { rows } = await pool.query<Row>(`
      SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, NULL) AS type,
        col_description(c.oid, a.attnum) AS meaning
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace`);
    columns = rows;
    await close();
  });
  const sorted = (rows: readonly string[]): readonly string[] => [...rows].sort();

  test('has every column of the database with its comment', () => {
    const shown = read('docs/schema.md')
      .split(/^## /m)
      .flatMap((section) =>
        [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(
          ([, column, meaning = '']) =>
            `${/^\w+/.exec(section)}.${column}: ${meaning.replace(/ \(\[.*?\)\)/, '')}`,
        ),
      );
    expect(columns.length).toBeGreaterThan(40);
    expect(sorted(shown)).toEqual(
      sorted(columns.map(({ table, column, meaning }) => `${table}.${column}: ${meaning}`)),
    );
  });

  test('has the columns of orders as the code reads and writes them', () => {
    const known = Object.entries({ ...REQUEST_COLUMNS, ...STATE_COLUMNS }).map(
      ([column, { type, meaning }]) => ({
        column,
        type: type === 'timestamptz' ? 'timestamp with time zone' : type,
        meaning,
      }),
    );
    const kept = Object.entries(KEPT_COLUMNS).map(([column, meaning]) => ({ column, meaning }));
    const stored = columns.filter(({ table }) => table === 'orders');
    expect(stored).toHaveLength(known.length + kept.length);
    expect(stored).toEqual(
      expect.arrayContaining([...known, ...kept].map((row) => expect.objectContaining(row))),
    );
  });
});

test('docs/operations.md names only log lines that the engine writes, with their level', () => {
  const rows = [...read('docs/operations.md').matchAll(/^\| `([^`]+)` \| (error|warn) \| .* \|$/gm)];
  const source = new URL('../src/', import.meta.url);
  const texts = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, source), 'utf8'));
  const isWritten = ([, line, level]: RegExpMatchArray): boolean =>
    texts.some((text) => new RegExp(`log\\.${level}\\([^;]*'${line}`).test(text));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter((row) => !isWritten(row)).map(([, line]) => line)).toEqual([]);
});

describe('docs/order-lifecycle.md', () => {
  const words = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, word = '']) => word);
  const text = read('docs/order-lifecycle.md');

  test("has each event's transitions, as the domain has them", () => {
    const rows = [...text.matchAll(/^\| `(order\.\w+)` \| (.*?) \| (.*?) \| ?(.*?) ?\|$/gm)].map(
      ([, event, from = '', to = '', when]) => [event, words(from), words(to)[0] ?? null, when],
    );
    const expected = Object.entries(TRANSITIONS).map(([event, { from, to, when }]) => [
      event,
      [...from],
      to,
      when?.says ?? '',
    ]);
    expect(rows).toEqual(expected);
  });

  test('has the statuses that may follow each status by those events', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(([, from, to = '']) => [
      from,
      words(to),
    ]);
    const next = (status: OrderStatus): OrderStatus[] =>
      ORDER_STATUSES.filter((to) =>
        Object.values(TRANSITIONS).some((rule) => rule.to === to && rule.from.includes(status)),
      );
    expect(rows).toEqual(ORDER_STATUSES.map((status) => [status, next(status)]));
  });
});

describe('docs/deploy', () => {
  const names = readdirSync(new URL('../../../docs/deploy', import.meta.url));
  const pages = names.map((name) => [name, read(`docs/deploy/${name}`)] as const);

  /** Node's, the platforms', and what stands for the reader's own. */
  const FOREIGN =
    /^(NODE_\w+|RAILWAY_\w+|DOCKERFILE|WALLET_JSON|FARGATE|ALWAYS|HTTPS?|REGION|ACCOUNT|VERSION|YOUR_REGISTRY|SIGTERM|SOL|USDC)$/;

  test.each(pages)('%s names only settings that exist', (_name, text) => {
    const code = [...text.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([part]) => part).join('\n');
    const words = code.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g) ?? [];
    const known = [...Object.keys(SETTINGS), ...NAMES_OF_OTHERS];
    expect(words.length).toBeGreaterThan(5);
    expect(words.filter((word) => word.length > 2 && !FOREIGN.test(word) && !known.includes(word))).toEqual(
      [],
    );
  });

  test.each(pages)('%s runs only programs that the build makes', (_name, text) => {
    const programs = text.match(/packages\/\S+?\.js/g) ?? [];
    expect(programs.length).toBeGreaterThan(0);
    const isMade = (program: string): boolean => {
      const source = program.replace('/dist/', '/src/').replace(/\.js$/, '.ts');
      return existsSync(new URL(`../../../${source}`, import.meta.url));
    };
    expect(programs.filter((program) => !isMade(program))).toEqual([]);
  });
});
