import type { Attempt } from '../../src/domain/attempt.ts';
import type { Order } from '../../src/domain/order.ts';
import type { FillRecord } from '../../src/domain/order-event.ts';
import type { Receipt } from '../../src/domain/receipt.ts';
import { type Change, commit } from '../../src/execution/commit.ts';
import type { Engine } from '../../src/execution/engine.ts';
import {
  attemptOf,
  BUILDING,
  fill,
  NO_KEYS,
  newTestOrder,
  ROUTING,
  submitted,
} from '../../src/ports/order-store.suite.ts';

/** An order as another process left it. */
export interface LeftOrder {
  /** A new one without it; it has no event beside its first. */
  readonly order?: Order;
  /** Of its one attempt. */
  readonly attempt?: Partial<Attempt>;
  /** Slot of the block in which the attempt landed; the attempt is open without it. */
  readonly landedAt?: bigint;
  readonly isFinal?: boolean;
  readonly dust?: FillRecord['dust'];
  /** Created by the attempt. */
  readonly receipt?: Receipt;
  /** The order ended without a fill. */
  readonly isCanceled?: boolean;
}

/** Writes what another process did with an order into the engine's store. None of it happens on the engine's chain. */
export async function leaveOrder(
  engine: Engine,
  left: LeftOrder,
): Promise<{ order: Order; attempt: Attempt }> {
  let order = left.order ?? (await submitNew(engine));
  const write = async (change: Change): Promise<void> => {
    const next = await commit(engine, order, null, change);
    if (!next) throw new Error('the order moved on');
    order = next;
  };
  const attempt = { ...attemptOf(order, 1), ...left.attempt };
  const { minAmountOut: _, ...unlimited } = BUILDING.data;
  const exactOut = { ...BUILDING, data: { ...unlimited, maxAmountIn: '1.01' } };
  await write({ events: [ROUTING, order.request.swapMode === 'exactOut' ? exactOut : BUILDING] });
  const { landedAt: slot, isFinal = false, isCanceled = false, dust, receipt } = left;
  await write({
    events: [submitted(attempt)],
    attempt: { kind: 'record', attempt, ...(receipt && { receipt }) },
  });
  if (isCanceled)
    await write({
      events: [{ type: 'order.canceled', data: { reason: 'Canceled on request.' } }],
      attempt: { kind: 'set', attemptNumber: 1, from: 'open', to: 'expired', slot: null, finalized: false },
    });
  if (slot === undefined) return { order, attempt };
  const data = { ...fill(attempt.signature), slot: String(slot), ...(dust && { dust }) };
  const landed = { kind: 'set', attemptNumber: 1, to: 'landed', slot } as const;
  await write({
    events: [{ type: 'order.confirmed', data }],
    attempt: { ...landed, from: 'open', finalized: false },
  });
  if (isFinal)
    await write({
      events: [{ type: 'order.finalized', data }],
      attempt: { ...landed, from: 'landed', finalized: true },
    });
  return { order, attempt };
}

async function submitNew({ orders }: Engine): Promise<Order> {
  const { order, events } = newTestOrder();
  await orders.submit(order, events, NO_KEYS);
  return order;
}
