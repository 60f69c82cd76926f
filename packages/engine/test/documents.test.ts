import { readFileSync } from 'node:fs';
import { PROBLEMS } from '@oee/api-schema';
import { expect, test } from 'vitest';
import { readMigrations } from '../src/adapters/postgres/migrate.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { NEXT_STATUSES } from '../src/domain/order-status.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('docs/configuration.md and .env.example list every setting with its default and meaning', () => {
  const rows = read('docs/configuration.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const expected = Object.entries(SETTINGS).map(
    ([name, { fallback, meaning }]) => `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${meaning} |`,
  );
  expect(rows).toEqual(expected);
  const example = Object.entries(SETTINGS).map(
    ([name, { fallback, meaning }]) => `# ${meaning}\n# ${name}=${fallback}\n`,
  );
  expect(read('.env.example')).toBe(example.join('\n'));
});

test('docs/api.md lists every error code with its status', () => {
  const rows = [...read('docs/api.md').matchAll(/^\| `([a-z_]+)` \| (\d{3}) \|$/gm)].map(
    ([, code, status]) => [code, Number(status)],
  );
  expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]));
});

test('docs/schema.md has every column of the migrations', () => {
  const comments = readMigrations().flatMap(({ sql }) =>
    [...sql.matchAll(/COMMENT ON COLUMN (\w+\.\w+)/g)].map(([, column]) => column),
  );
  const columns = [...new Set(comments)]; // A later migration may say anew what a column means.
  const rows = read('docs/schema.md')
    .split(/^## /m)
    .flatMap((section) =>
      [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, column]) => `${/^\w+/.exec(section)}.${column}`),
    );
  expect(columns.length).toBeGreaterThan(40);
  expect(rows.sort()).toEqual(columns.sort());
});

test('docs/order-lifecycle.md has the table of transitions', () => {
  const rows = [...read('docs/order-lifecycle.md').matchAll(/^\| `(\w+)` \| (.*?) \|/gm)].map(
    ([, from, to]) => [from, [...(to ?? '').matchAll(/`(\w+)`/g)].map(([, status]) => status)],
  );
  expect(rows).toEqual(Object.entries(NEXT_STATUSES).map(([from, to]) => [from, [...to]]));
});
