import type { EventBus } from '../../src/ports/event-bus.ts';

type Publish = EventBus['publish'];

/** Puts a courier between a bus and its readers, who can be told what to do with each letter; `publish` goes past it. */
export function hireCourier(bus: EventBus): {
  readonly courier: { deliver: Publish };
  readonly publish: Publish;
} {
  const publish = bus.publish;
  const courier = { deliver: publish };
  Object.assign(bus, { publish: (letter: Parameters<Publish>[0]) => courier.deliver(letter) });
  return { courier, publish };
}
