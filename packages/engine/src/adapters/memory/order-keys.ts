import type { AccountId, Order } from '../../domain/order.ts';
import type { SubmissionKeys, SubmitOutcome } from '../../ports/order-store.ts';
import type { OrderEntries, OrderEntry } from './order-entry.ts';

/** Finds an order that was submitted before by its id or by a key that the client gave it. */
export function createOrderKeys(entries: OrderEntries) {
  const byIdempotencyKey = new Map<string, OrderEntry>();
  const byClientOrderId = new Map<string, OrderEntry>();

  function known(order: Order, keys: SubmissionKeys): SubmitOutcome | null {
    const { orderId, accountId, clientOrderId } = order.request;
    const { idempotencySlot, clientSlot } = slotsOf(accountId, clientOrderId, keys);
    const sameId = entries.get(orderId);
    const sameKey = idempotencySlot === null ? undefined : byIdempotencyKey.get(idempotencySlot);
    const sameClientId = clientSlot === null ? undefined : byClientOrderId.get(clientSlot);
    const found = sameKey ?? sameClientId ?? sameId;
    if (found?.fingerprint === keys.fingerprint) {
      if (found === sameId) return { outcome: 'created', position: null };
      if (idempotencySlot !== null) byIdempotencyKey.set(idempotencySlot, found);
      return { outcome: 'existing', order: found.order };
    }
    if (found && !sameKey && !sameClientId) throw new Error(`order id ${orderId} is taken by another order`);
    if (found)
      return {
        outcome: 'conflict',
        key: sameKey ? 'idempotencyKey' : 'clientOrderId',
        orderId: found.order.request.orderId,
      };
    return null;
  }

  function keep(entry: OrderEntry, keys: SubmissionKeys): void {
    const { accountId, clientOrderId } = entry.order.request;
    const { idempotencySlot, clientSlot } = slotsOf(accountId, clientOrderId, keys);
    if (idempotencySlot !== null) byIdempotencyKey.set(idempotencySlot, entry);
    if (clientSlot !== null) byClientOrderId.set(clientSlot, entry);
  }

  function forget(entry: OrderEntry): void {
    for (const bySlot of [byIdempotencyKey, byClientOrderId])
      for (const [slot, owner] of bySlot) if (owner === entry) bySlot.delete(slot);
  }

  return { known, keep, forget };
}

const slotsOf = (accountId: AccountId, clientOrderId: string | null, keys: SubmissionKeys) => ({
  idempotencySlot: keys.idempotencyKey === null ? null : slotOf(accountId, keys.idempotencyKey),
  clientSlot: clientOrderId === null ? null : slotOf(accountId, clientOrderId),
});

/** JSON keeps ("a", "bc") and ("ab", "c") apart. */
const slotOf = (accountId: AccountId, key: string): string => JSON.stringify([accountId, key]);
