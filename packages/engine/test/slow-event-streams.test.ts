import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Deadlines } from '../src/api/deadlines.ts';
import { newTestOrder } from '../src/ports/order-store.suite.ts';
import { serveTestApp, TEST_DEADLINES } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** More than the kernel takes for a client that does not read. */
const MUCH = 24 * 1024 * 1024;

let world: TestWorld;
let app: FastifyInstance;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await app?.close();
  await world?.stop();
});

async function serve(given: Partial<Deadlines>): Promise<string> {
  const served = await serveTestApp(world.engine, { deadlines: { ...TEST_DEADLINES, ...given } });
  app = served.app;
  return served.url;
}

/** An order whose first event has so many bytes. No worker executes it. */
async function storeOrder(bytes: number): Promise<string> {
  const { order, events } = newTestOrder({}, { scenario: 'drop', seed: 'x'.repeat(bytes) });
  await world.engine.orders.submit(order, events, { idempotencyKey: null, fingerprint: '' });
  return order.request.orderId;
}

/** A client that reads nothing of the order's events. */
async function openSilent(orderId: string): Promise<Socket> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(
    `GET /api/orders/${orderId}/events HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n`,
  );
  return socket;
}

const connectionsNow = (): Promise<number> =>
  new Promise((resolve) => app.server.getConnections((_error, open) => resolve(open)));

test('a stream of server-sent events ends at its maximum age, names the retry delay, and resumes from there', async () => {
  const url = await serve({ eventsMs: 1_000 });
  const orderId = await storeOrder(1);
  const read = async (lastEventId: string): Promise<string> => {
    const headers = { accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) };
    return (await fetch(`${url}/api/orders/${orderId}/events`, { headers })).text();
  };
  const startedAtMs = performance.now();
  expect(await read('')).toMatch(/^:\n\nid: 1\nevent: order\.pending\n[\s\S]*\n\nretry: 1000\n\n$/);
  expect(performance.now() - startedAtMs).toBeGreaterThan(900);
  expect(await read('1')).toBe(':\n\nretry: 1000\n\n');
});

test('a client that reads nothing of its backlog is cut off in time', async () => {
  await serve({ stallMs: 1_000 });
  const socket = await openSilent(await storeOrder(MUCH));
  await vi.waitFor(async () => expect(await connectionsNow()).toBe(1));
  const openedAtMs = performance.now();
  await vi.waitFor(async () => expect(await connectionsNow()).toBe(0), 10_000);
  expect(performance.now() - openedAtMs).toBeGreaterThan(900);
  socket.destroy();
});

test("a client that reads nothing of a quiet stream is cut off at the stream's maximum age", async () => {
  await serve({ eventsMs: 1_500, pingMs: 100 });
  const socket = await openSilent(await storeOrder(1));
  await vi.waitFor(async () => expect(await connectionsNow()).toBe(1));
  await vi.waitFor(async () => expect(await connectionsNow()).toBe(0), 10_000);
  socket.destroy();
});
