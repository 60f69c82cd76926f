import { accountStreamSuite } from '../../ports/account-stream.suite.ts';
import { orderRetentionSuite } from '../../ports/order-retention.suite.ts';
import { orderStoreSuite } from '../../ports/order-store.suite.ts';
import { receiptStoreSuite } from '../../ports/receipt-store.suite.ts';
import { restingOrdersSuite } from '../../ports/resting-orders.suite.ts';
import { systemClock } from '../system/clock.ts';
import { createManualClock } from './clock.ts';
import { createMemoryOrderStore } from './order-store.ts';

const open = async () => {
  const clock = createManualClock();
  return {
    store: createMemoryOrderStore({ clock }),
    wait: (ms: number) => clock.advance(ms),
    close: async () => {},
  };
};

orderStoreSuite('the in-process store', open);
receiptStoreSuite('the in-process store', open);
accountStreamSuite('the in-process store', open);
restingOrdersSuite('the in-process store', open);
orderRetentionSuite('the in-process store', async () => {
  const store = createMemoryOrderStore({ clock: systemClock });
  return { store, retention: store, close: async () => {} };
});
