import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toOrderId } from '../domain/order.ts';
import { toSignature } from '../domain/signature.ts';
import type { RecoveryLog } from './recovery-log.ts';

/** The promises of the RecoveryLog port, for every implementation. */
export function recoveryLogSuite(
  name: string,
  open: () => Promise<{ readonly log: RecoveryLog; close(): Promise<void> }>,
): void {
  describe(`${name} keeps the promises of a recovery log`, () => {
    let under: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test('is unfinished from the first begin to the finish, and keeps the lost transactions', async () => {
      const { log } = under;
      const older = { signature: toSignature('s2'), orderId: toOrderId('o2'), slot: 7n, failed: true };
      const newer = {
        signature: toSignature('s1'),
        orderId: toOrderId('o1'),
        slot: 2n ** 53n + 1n,
        failed: false,
      };
      expect(await log.isUnfinished()).toBe(false);
      await Promise.all([log.begin(), log.begin()]);
      expect(await log.isUnfinished()).toBe(true);
      await log.finish([newer, older]);
      expect(await log.isUnfinished()).toBe(false);
      expect(await log.lost()).toEqual([older, newer]);

      await log.begin();
      await log.finish([newer]);
      expect(await log.isUnfinished()).toBe(false);
      expect(await log.lost()).toEqual([older, newer]);
    });
  });
}
