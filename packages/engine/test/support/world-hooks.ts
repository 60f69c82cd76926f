import type { Chain, ChainNode } from '../../src/ports/chain.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { EventBus } from '../../src/ports/event-bus.ts';
import type { OrderStore } from '../../src/ports/order-store.ts';
import type { Signer } from '../../src/ports/signer.ts';
import type { Venue } from '../../src/ports/venue.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import { createFaultHooks, type FaultHooks } from './fault-hooks.ts';

/** The ports of a test world of which there is one each. */
export interface HookedPorts {
  readonly orders: OrderStore;
  readonly queue: WorkQueue;
  readonly bus: EventBus;
  readonly chain: Chain;
  readonly signer: Signer;
}

/** The fault hooks of every port of a test world. They outlive a crash of its engine. */
export type WorldHooks = { readonly [P in keyof HookedPorts]: FaultHooks<HookedPorts[P]> } & {
  node(name: string): FaultHooks<ChainNode>;
  venue(name: string): FaultHooks<Venue>;
};

export function createWorldHooks(clock: Pick<Clock, 'sleep'>): WorldHooks {
  return {
    orders: createFaultHooks<OrderStore>(clock),
    queue: createFaultHooks<WorkQueue>(clock, ['wake', 'start']),
    bus: createFaultHooks<EventBus>(clock, ['publish', 'subscribe', 'subscribeToAccount']),
    chain: createFaultHooks<Chain>(clock, ['compile', 'closeReceipts', 'onSlot']),
    signer: createFaultHooks<Signer>(clock, ['whyNot']),
    node: byName(() => createFaultHooks<ChainNode>(clock)),
    venue: byName(() => createFaultHooks<Venue>(clock, ['pools'])),
  };
}

function byName<T>(create: () => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const own = known.get(name) ?? create();
    known.set(name, own);
    return own;
  };
}
