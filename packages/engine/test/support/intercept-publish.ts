import type { EventBus } from '../../src/ports/event-bus.ts';

type Publish = EventBus['publish'];

/** Intercepts what a bus publishes: a test replaces `interceptor.deliver` to drop, delay or double it. `publish` bypasses it. */
export function interceptPublish(bus: EventBus): {
  readonly interceptor: { deliver: Publish };
  readonly publish: Publish;
} {
  const publish = bus.publish;
  const interceptor = { deliver: publish };
  Object.assign(bus, { publish: (publication: Parameters<Publish>[0]) => interceptor.deliver(publication) });
  return { interceptor, publish };
}
