import { createMemoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { createMemoryRecoveryLog } from '../../src/adapters/memory/recovery-log.ts';
import { foldOrder } from '../../src/domain/apply-event.ts';
import type { Order, OrderId } from '../../src/domain/order.ts';
import { recoverLostAttempts } from '../../src/execution/recovery/recover-lost-attempts.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import type { LostTransaction } from '../../src/ports/recovery-log.ts';
import { createWorld, type TestWorld, type WorldOptions } from './world.ts';

/** A world whose database can be put back to an earlier state, while its chain goes on. */
export interface RestorableWorld extends TestWorld {
  /** What a backup now would hold. */
  backUp(orders: readonly Order[]): Promise<OrderStore>;
  /** The engine dies; a new one, not started yet, has the backup. */
  restore(backup: OrderStore): Promise<void>;
  /** As a start with `--recovered` does, while blocks go on. */
  recover(): Promise<readonly LostTransaction[]>;
  readonly recoveries: ReturnType<typeof createMemoryRecoveryLog>;
}

export async function restorable(options: WorldOptions = {}): Promise<RestorableWorld> {
  let store: OrderStore | undefined;
  const recoveries = createMemoryRecoveryLog();
  const world = await createWorld({
    ...options,
    recoveries,
    orders: (clock) => {
      store = createMemoryOrderStore({ clock });
      return new Proxy({} as OrderStore, { get: (_, key) => Reflect.get(store as OrderStore, key) });
    },
  });
  return Object.assign(Object.create(world) as TestWorld, {
    recoveries,
    async backUp(orders: readonly Order[]) {
      const copy = createMemoryOrderStore({ clock: world.clock });
      for (const order of orders) await copyOrder(store as OrderStore, copy, order.request.orderId);
      return copy;
    },
    async restore(backup: OrderStore) {
      await world.die();
      store = backup;
    },
    async recover() {
      const review = recoverLostAttempts(world.engine, recoveries);
      let over = false;
      review.then(
        () => (over = true),
        () => (over = true),
      );
      for (let slot = 0; slot < 2_000 && !over; slot += 1) await world.slots(1);
      return review;
    },
  });
}

/** Writes an order's log and attempts into another store, as they stand. */
async function copyOrder(from: OrderStore, to: OrderStore, orderId: OrderId): Promise<void> {
  const events = await from.events(orderId, 0, 1_000);
  const attempts = await from.attempts(orderId);
  const request = (await from.get(orderId))!.request;
  let order = foldOrder(request, events.slice(0, 1));
  await to.submit(order, events.slice(0, 1), { idempotencyKey: null, fingerprint: orderId });
  for (const [index, event] of events.entries()) {
    if (index === 0) continue;
    const next = foldOrder(request, events.slice(0, index + 1));
    const recorded = event.type === 'order.submitted' && attempts[event.data.attemptNumber - 1];
    const closed = attempts[next.attemptNumber - 1];
    const closes = order.status === 'submitted' && next.status !== 'submitted' && closed;
    await to.transition({
      expectedSequence: index,
      fence: null,
      order: next,
      events: [event],
      lease: { kind: 'keep' },
      ...(recorded && {
        attempt: { kind: 'record', attempt: { ...recorded, state: 'open', slot: null, finalized: false } },
      }),
      ...(closes && {
        attempt: {
          kind: 'set',
          attemptNumber: closed.attemptNumber,
          from: 'open',
          to: closed.state,
          slot: closed.slot,
          finalized: closed.finalized,
        },
      }),
    });
    order = next;
  }
}
