import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createMemoryOrderStore } from '../src/adapters/memory/order-store.ts';
import { createSystemRandom } from '../src/adapters/system/random.ts';
import { ACCOUNT } from '../src/api/account.ts';
import type { OrderId } from '../src/domain/order.ts';
import { cancelOrder } from '../src/execution/cancel-order.ts';
import { EventsDeparted, watchAccount } from '../src/execution/streams/watch-account.ts';
import { keepRemovingOldOrders } from '../src/execution/upkeep/remove-old-orders.ts';
import { firstIdAt, type OrderRetention } from '../src/ports/order-retention.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

const DAY_MS = 86_400_000;
const KEPT = { days: 1, leads: () => true };

let world: TestWorld;
let retention: OrderRetention;
let app: FastifyInstance;
let url: string;
let departed: OrderId;

/** One order was canceled, became old and left, with positions 1 and 2; a later one has position 3. */
beforeEach(async () => {
  world = await createWorld({
    orders: (clock) => {
      const store = createMemoryOrderStore({ clock });
      retention = store;
      return store;
    },
  });
  world.clock.setNow(Date.now()); // That of the ids.
  await retention.removeOld(KEPT.days, world.clock.now());
  departed = (await world.submit()).request.orderId;
  await cancelOrder(world.engine, departed);
  world.clock.setNow(Date.now() + 4 * DAY_MS);
  const stop = new AbortController();
  const removing = keepRemovingOldOrders(world.engine, { retention, ...KEPT }, stop.signal);
  await world.clock.advance(0);
  stop.abort();
  await removing;
  await world.submit();
  ({ app, url } = await serveTestApp(world.engine));
});
afterEach(() => app.close());

const closing = async (path: string): Promise<[number, string]> => {
  const [code, reason] = await once(new WebSocket(`${url.replace('http', 'ws')}${path}`), 'close');
  return [code as number, String(reason)];
};

test.each([0, 1])('transactions are forgotten once a minute, with orders kept for %i days', async (days) => {
  const forgotten: number[] = [];
  const counting = { ...retention, forgetTransactions: async () => void forgotten.push(world.clock.now()) };
  const stop = new AbortController();
  const removing = keepRemovingOldOrders(world.engine, { retention: counting, ...KEPT, days }, stop.signal);
  await world.clock.advance(61_000);
  stop.abort();
  await removing;
  expect(forgotten).toHaveLength(2);
});

test.each([
  ['GET', ''],
  ['GET', '/events'],
  ['GET', '/explain'],
  ['DELETE', ''],
])('%s of an order that has left%s answers 410 and says what is left of it', async (method, path) => {
  const response = await fetch(`${url}/api/orders/${departed}${path}`, { method });
  expect(await response.json()).toMatchObject({
    status: 410,
    code: 'order_departed',
    hint: expect.stringContaining('RETENTION_DAYS'),
  });
});

test('an id of another time is not known', async () => {
  const unknown = firstIdAt(Date.now() + 400 * DAY_MS) + createSystemRandom().uuid().slice(13);
  const response = await fetch(`${url}/api/orders/${unknown}`);
  expect(await response.json()).toMatchObject({ status: 404, code: 'order_not_found' });
});

test('the stream of an order that has left closes with 4410', async () => {
  expect(await closing(`/api/orders/${departed}/stream`)).toEqual([4410, 'order has left']);
});

test("the account's stream refuses to begin where events have left, and names where it can", async () => {
  const reason = 'events have left; resume with after=2 or later';
  expect(await closing('/api/stream?after=1')).toEqual([4410, reason]);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream?after=2`);
  const [opened] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(String(opened))).toEqual({ type: 'stream.opened', position: 2 });
  socket.close();
});

test('a reader from whom the next event has left in the meantime is told, and gets none of the later ones', async () => {
  const pages = watchAccount(world.engine, ACCOUNT, 0, new AbortController().signal);
  await expect(pages.next()).rejects.toEqual(new EventsDeparted(2));
});
