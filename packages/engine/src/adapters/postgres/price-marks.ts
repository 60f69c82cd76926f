import type pg from 'pg';
import type { PriceMarks } from '../../ports/price-marks.ts';
import { withStoreErrors } from './store-errors.ts';

const WRITE_SQL = `
INSERT INTO price_marks (name, marks) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET marks = EXCLUDED.marks`;

export const createPostgresPriceMarks = (pool: pg.Pool): PriceMarks =>
  withStoreErrors({
    async all(): Promise<readonly (readonly [string, unknown])[]> {
      const { rows } = await pool.query<{ name: string; marks: unknown }>(
        'SELECT name, marks FROM price_marks',
      );
      return rows.map(({ name, marks }) => [name, marks] as const);
    },
    async write(name: string, marks: unknown): Promise<void> {
      await pool.query(WRITE_SQL, [name, JSON.stringify(marks)]);
    },
  });
