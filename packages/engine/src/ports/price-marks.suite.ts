import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PriceMarks } from './price-marks.ts';

/** What every store of watermarks must do. */
export function priceMarksSuite(
  name: string,
  open: () => Promise<{ readonly marks: PriceMarks; close(): Promise<void> }>,
): void {
  describe(`${name} keeps watermarks`, () => {
    let under: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test('has what was written last under each name', async () => {
      const { marks } = under;
      expect(await marks.all()).toEqual([]);
      await marks.write('a b last', [[1, '2', '3']]);
      await marks.write('a b mid', []);
      await marks.write('a b last', [[4, '5', '6']]);
      expect([...(await marks.all())].sort()).toEqual([
        ['a b last', [[4, '5', '6']]],
        ['a b mid', []],
      ]);
    });
  });
}
