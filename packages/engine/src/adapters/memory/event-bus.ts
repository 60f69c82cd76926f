import type { OrderEvent } from '../../domain/order-event.ts';
import type { EventBus } from '../../ports/event-bus.ts';

/** Delivers within the process, in the order of publication. */
export function createMemoryEventBus(): EventBus {
  const listeners = new Map<string, Set<(event: OrderEvent) => void>>();
  return {
    publish(events) {
      for (const event of events) for (const listener of listeners.get(event.orderId) ?? []) listener(event);
    },
    subscribe(orderId, listener) {
      // A subscription is its own object, so that one listener may subscribe twice and end one of the two.
      const subscription = (event: OrderEvent) => listener(event);
      const ofOrder = listeners.get(orderId) ?? new Set();
      listeners.set(orderId, ofOrder.add(subscription));
      return () => {
        ofOrder.delete(subscription);
        if (ofOrder.size === 0 && listeners.get(orderId) === ofOrder) listeners.delete(orderId);
      };
    },
  };
}
