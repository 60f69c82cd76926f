import { eventBusSuite } from '../../ports/event-bus.suite.ts';
import { createMemoryEventBus } from './event-bus.ts';

eventBusSuite('the in-process bus', async () => {
  const bus = createMemoryEventBus();
  return { publisher: bus, listener: bus, close: async () => {} };
});
