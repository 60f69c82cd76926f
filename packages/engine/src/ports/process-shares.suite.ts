import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProcessShares } from './process-shares.ts';

/** What every register of the processes that share work must do. */
export function processSharesSuite(
  name: string,
  open: () => Promise<{ of(work: string): ProcessShares; close(): Promise<void> }>,
): void {
  describe(`${name} keeps the promises of process shares`, () => {
    let under: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test('names all that hold a share, sorted, and each work has its own', async () => {
      const [one, other] = [under.of('one'), under.of('other')];
      expect(await one.renew('b', 60_000)).toEqual(['b']);
      expect(await one.renew('a', 60_000)).toEqual(['a', 'b']);
      expect(await other.renew('c', 60_000)).toEqual(['c']);
      expect(await one.renew('b', 60_000)).toEqual(['a', 'b']);
    });

    test('names no holder whose lease has ended, or was ended', async () => {
      const shares = under.of('ended');
      await shares.renew('short', 50);
      await shares.renew('left', 60_000);
      await shares.release('left');
      await sleep(100);
      expect(await shares.renew('stays', 60_000)).toEqual(['stays']);
    });
  });
}
