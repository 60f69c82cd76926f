import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../domain/attempt.ts';
import { toBlockHeight } from '../domain/block-height.ts';
import { type Order, type OrderId, toOrderId } from '../domain/order.ts';
import type { AttemptChange } from '../domain/order-change.ts';
import type { EventDraft } from '../domain/order-event.ts';
import type { Receipt } from '../domain/receipt.ts';
import { toSignature } from '../domain/signature.ts';
import {
  attemptOf,
  BUILDING,
  fill,
  LEASE_MS,
  NO_KEYS,
  newTestOrder,
  ROUTING,
  type StoreUnderTest,
  submitted,
  transition,
} from './order-store.suite.ts';
import type { Claim } from './order-store.ts';
import { type Blocker, RECEIPT_LEASE_MS, type StoredReceipt } from './receipt-store.ts';

const REQUESTED: EventDraft = { type: 'order.cancel_requested', data: {} };
const CANCELED: EventDraft = { type: 'order.canceled', data: { reason: 'Canceled on request.' } };
const AGAIN: EventDraft = { type: 'order.routing', data: { try: 2, backoffMs: 0 } };
const NEVER = 10n ** 9n;

/** The promises of the ReceiptStore port, for every order store. */
export function receiptStoreSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of a receipt store`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());
    beforeEach(async () => {
      const left = await close(NEVER, 1_000);
      await under.store.forgetReceipts(left.map(({ orderId }) => orderId));
    });

    const close = (finalizedHeight: bigint, limit = 100, leaseMs = 0): Promise<readonly StoredReceipt[]> =>
      under.store.claimReceiptsToClose({ finalizedHeight: toBlockHeight(finalizedHeight), limit, leaseMs });
    const idsOf = (receipts: readonly StoredReceipt[]): OrderId[] => receipts.map(({ orderId }) => orderId);

    async function advance(
      claim: Claim,
      drafts: readonly EventDraft[],
      attempt?: AttemptChange,
    ): Promise<Claim> {
      const change = transition(claim, drafts, { ...(attempt && { attempt }) });
      expect(await under.store.transition(change)).toMatchObject({ outcome: 'committed' });
      return { ...claim, order: change.order };
    }

    const recorded = (claim: Claim, attempt: Attempt, receipt: Receipt): Promise<Claim> =>
      advance(claim, [BUILDING, submitted(attempt)], { kind: 'record', attempt, receipt });

    /** An order in flight whose attempt creates its receipt, valid until a height. */
    async function inFlight(lastValid = 250n) {
      const { order, events } = newTestOrder({ executionGuard: 'strict' });
      const { orderId } = order.request;
      await under.store.submit(order, events, NO_KEYS);
      const claimed = await under.store.claim(orderId, LEASE_MS);
      if (claimed.outcome !== 'claimed') throw new Error('not claimed');
      const attempt = { ...attemptOf(order, 1), lastValidBlockHeight: toBlockHeight(lastValid) };
      const receipt = receiptOf(order);
      const routing = await advance(claimed.claim, [ROUTING]);
      return { orderId, attempt, receipt, claim: await recorded(routing, attempt, receipt) };
    }

    const canceled = (claim: Claim) => advance(claim, [REQUESTED]);
    const closing = (to: 'landed' | 'expired' | 'blocked', finalized = false): AttemptChange => {
      const slot = to === 'landed' ? 101n : null;
      return { kind: 'set', attemptNumber: 1, from: 'open', to, slot, finalized };
    };

    test('keeps the receipt of an attempt that was recorded, and of no other', async () => {
      const { orderId, receipt, claim } = await inFlight();
      const plain = newTestOrder();
      await under.store.submit(plain.order, plain.events, NO_KEYS);
      const over = await advance(await canceled(claim), [CANCELED], closing('expired'));
      expect(over.order.status).toBe('canceled');
      expect(await close(251n)).toEqual([
        {
          ...receipt,
          orderId,
          wallet: 'w',
          attemptNumber: 1,
          lastValidBlockHeight: toBlockHeight(250n),
          blocker: null,
        },
      ]);
      expect(await under.store.attempts(orderId)).toMatchObject([{ state: 'expired' }]);
    });

    test('writes no receipt with a change that it refuses', async () => {
      const { orderId, claim } = await inFlight();
      const second = attemptOf(claim.order, 2);
      const change = transition({ ...claim, fence: claim.fence + 1 }, [AGAIN, BUILDING, submitted(second)], {
        attempt: { kind: 'record', attempt: second, receipt: receiptOf(claim.order, 'other') },
      });
      expect(await under.store.transition(change)).toEqual({ outcome: 'stale' });
      await advance(claim, [REQUESTED]);
      const [stored] = await under.store.receiptsToBlock([orderId]);
      expect(stored).toMatchObject({ attemptNumber: 1, address: receiptOf(claim.order).address });
    });

    test('follows the newest attempt, and keeps the greatest height of all attempts', async () => {
      const { orderId, claim } = await inFlight(250n);
      const expired = await advance(claim, [AGAIN], closing('expired'));
      const second = { ...attemptOf(claim.order, 2), lastValidBlockHeight: toBlockHeight(240n) };
      const other = receiptOf(claim.order, 'other');
      const again = await recorded(expired, second, other);
      await canceled(again);
      expect(await under.store.receiptsToBlock([orderId])).toMatchObject([
        { ...other, attemptNumber: 2, lastValidBlockHeight: toBlockHeight(250n) },
      ]);
    });

    describe('a receipt to block', () => {
      test('belongs to an order whose attempt is open after a cancel was requested', async () => {
        const [asked, untouched] = [await inFlight(), await inFlight()];
        const requested = await canceled(asked.claim);
        const ids = [asked.orderId, untouched.orderId, 'unknown'];
        expect(idsOf(await under.store.receiptsToBlock(ids.map(toOrderId)))).toEqual([asked.orderId]);
        expect(await under.store.receiptsToBlock([])).toEqual([]);
        await advance(requested, [CANCELED], closing('blocked'));
        expect(await under.store.receiptsToBlock(ids.map(toOrderId))).toEqual([]);
        expect(await under.store.attempts(asked.orderId)).toMatchObject([{ state: 'blocked' }]);
      });

      test('does not exist for an open attempt without a receipt', async () => {
        const { orderId, claim } = await inFlight();
        const expired = await advance(claim, [AGAIN], closing('expired'));
        const bare = attemptOf(claim.order, 2);
        const again = await advance(expired, [BUILDING, submitted(bare)], { kind: 'record', attempt: bare });
        await canceled(again);
        expect(await under.store.receiptsToBlock([orderId])).toEqual([]);
        expect(await under.store.recordBlocker(orderId, blocker('a'), null)).toBe(false);
      });

      test('takes one blocker, the same one again, and another only in place of the last', async () => {
        const { orderId, claim } = await inFlight();
        const [first, second] = [blocker(`${orderId} a`), blocker(`${orderId} b`)];
        expect(await under.store.recordBlocker(orderId, first, null)).toBe(false); // No cancel was requested.
        const requested = await canceled(claim);
        const both = await Promise.all([
          under.store.recordBlocker(orderId, first, null),
          under.store.recordBlocker(orderId, second, null),
        ]);
        expect(both.filter(Boolean)).toHaveLength(1);
        const [winner, loser] = both[0] ? [first, second] : [second, first];
        expect(await under.store.recordBlocker(orderId, winner, null)).toBe(true);
        expect(await under.store.recordBlocker(orderId, loser, 'unknown')).toBe(false);
        expect(await under.store.recordBlocker(orderId, loser, winner.signature)).toBe(true);
        expect(await under.store.receiptsToBlock([orderId])).toMatchObject([{ blocker: loser }]);
        await advance(requested, [CANCELED], closing('blocked'));
        expect(await under.store.recordBlocker(orderId, winner, loser.signature)).toBe(false);
      });
    });

    describe('a receipt to close', () => {
      test('belongs to an order that is over, once no transaction can create the receipt', async () => {
        const open = await inFlight(10n);
        const expired = await inFlight(250n);
        await advance(await canceled(expired.claim), [CANCELED], closing('expired'));
        expect(idsOf(await close(250n))).toEqual([]);
        expect(idsOf(await close(251n))).toEqual([expired.orderId]);
        expect(idsOf(await close(NEVER))).not.toContain(open.orderId);
      });

      test('waits for the blocker too', async () => {
        const { orderId, claim } = await inFlight(250n);
        const requested = await canceled(claim);
        await under.store.recordBlocker(
          orderId,
          { ...blocker(orderId), lastValidBlockHeight: toBlockHeight(300n) },
          null,
        );
        await advance(requested, [CANCELED], closing('blocked'));
        expect(await close(300n)).toEqual([]);
        expect(idsOf(await close(301n))).toEqual([orderId]);
      });

      test('waits until a landed attempt is final', async () => {
        const { orderId, attempt, claim } = await inFlight();
        const confirmed = await advance(
          claim,
          [{ type: 'order.confirmed', data: fill(attempt.signature) }],
          closing('landed'),
        );
        expect(await close(NEVER)).toEqual([]);
        // An outcome read from the chain needs no lease, and the confirmed order has none.
        const fact = { ...confirmed, fence: null } as unknown as Claim;
        await advance(fact, [{ type: 'order.finalized', data: fill(attempt.signature) }], {
          ...closing('landed', true),
          from: 'landed',
        } as AttemptChange);
        expect(idsOf(await close(NEVER))).toEqual([orderId]);
      });

      test('is leased to one process, the oldest first, until the store forgets it', async () => {
        const ids: OrderId[] = [];
        for (const height of [30n, 10n, 20n]) {
          const { orderId, claim } = await inFlight(height);
          await advance(await canceled(claim), [CANCELED], closing('expired'));
          ids.push(orderId);
        }
        const [third, first, second] = ids as [OrderId, OrderId, OrderId];
        expect(idsOf(await close(NEVER, 2))).toEqual([first, second]); // Leased for no time at all.
        const claimed = await Promise.all([close(NEVER, 2, 500), close(NEVER, 2, 500), close(NEVER, 2, 500)]);
        expect(claimed.flatMap(idsOf).sort()).toEqual([...ids].sort());
        expect(await close(NEVER)).toEqual([]);
        await under.store.forgetReceipts([first, third]);
        await under.wait(600);
        expect(idsOf(await close(NEVER))).toEqual([second]);
        expect(idsOf(await close(NEVER, 100, 3_600_000))).toEqual([second]);
        expect(idsOf(await close(NEVER))).toEqual([second]); // A clock that was ahead wrote such a lease.
        await close(NEVER, 100, RECEIPT_LEASE_MS);
        expect(await close(NEVER)).toEqual([]);
        await under.store.forgetReceipts([second]);
      });
    });
  });
}

const receiptOf = ({ request }: Order, letter = 'receipt'): Receipt => ({
  address: `${letter} of ${request.orderId}`,
  seed: 's'.repeat(32),
  lamports: 890_880n,
});

const blocker = (signature: string): Blocker => ({
  signature: toSignature(signature),
  bytes: new Uint8Array([1, 0, 255]),
  lastValidBlockHeight: toBlockHeight(300n),
});
