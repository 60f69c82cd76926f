import { orderStoreSuite } from '../../ports/order-store.suite.ts';
import { createManualClock } from './clock.ts';
import { createMemoryOrderStore } from './order-store.ts';

orderStoreSuite('the in-process store', async () => {
  const clock = createManualClock();
  return { store: createMemoryOrderStore({ clock }), wait: (ms) => clock.advance(ms), close: async () => {} };
});
