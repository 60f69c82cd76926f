import type { MemoryChain } from '../../src/adapters/memory/chain.ts';
import type { ExecutionLimits } from '../../src/execution/limits.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { createChainChecker } from './chain-checker.ts';
import { createLeaseChecker } from './lease-checker.ts';
import { createMarketRecord } from './market-record.ts';
import { createOrderChecker } from './order-checker.ts';
import { createReceiptChecker } from './receipt-checker.ts';
import { createTriggerChecker } from './trigger-checker.ts';

/** All invariants that are held after every step. */
export function createChecker(world: {
  readonly store: OrderStore;
  readonly chain: MemoryChain;
  readonly limits: ExecutionLimits;
  readonly nowMs: () => number;
  /** Of processes: none is off, or set. */
  readonly clocksAreRight: boolean;
  /** From when on nothing may show of what went wrong before. */
  readonly healedAtMs: number;
}) {
  const market = createMarketRecord(world.chain, world.nowMs);
  const triggers = createTriggerChecker({ ...world, market, orders: () => orders.all() });
  const orders = createOrderChecker({
    ...world,
    triggers,
    isBlocked: (orderId, slot) => receipts.isBlocked(orderId, slot),
    wasTaken: (signature, lastValid) => acknowledgements.wasTaken(signature, lastValid),
    isHealed: () => world.nowMs() >= world.healedAtMs,
  });
  const acknowledgements = createAcknowledgements(world.chain);
  const receipts = createReceiptChecker(world.chain, orders);
  return {
    orders,
    market,
    triggers,
    receipts,
    acknowledgements,
    leases: createLeaseChecker(world.nowMs),
    chain: createChainChecker(world.chain, orders, receipts),
  };
}

export type Checker = ReturnType<typeof createChecker>;
