import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ACCOUNT } from '../src/api/account.ts';
import { toOrderId } from '../src/domain/order.ts';
import { newTestOrder } from '../src/ports/order-store.suite.ts';
import { serveTestApp, TEST_DEADLINES } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** More than the kernel takes for a socket whose client does not read, which is about 10 MB here. */
const EVENTS = 400;
const EVENT_BYTES = 64 * 1024;

const positionOf = (data: unknown): number => Number(/"position":(\d+)/.exec(String(data))?.[1]);

const STALL_MS = 4_000;
const deadlines = { ...TEST_DEADLINES, stallMs: STALL_MS };

test('a socket that never reads is closed with 4408 and the place to resume, and delays no other socket', async () => {
  const world = await createWorld();
  for (let index = 0; index < EVENTS; index += 1) await addEvent(world, index);
  const { app, url } = await serveTestApp(world.engine, { deadlines });
  const connect = (after: number): WebSocket =>
    new WebSocket(`${url.replace('http', 'ws')}/api/stream?after=${after}`, { perMessageDeflate: false });
  const received: number[] = [];
  const reader = connect(0);
  reader.on('message', (data) => received.push(positionOf(data)));

  const silent = [connect(0), connect(0), connect(0)];
  const ends = silent.map((socket) => once(socket, 'close'));
  const late = silent.map((socket) => {
    const positions: number[] = [];
    socket.on('message', (data) => positions.push(positionOf(data)));
    return positions;
  });
  await Promise.all(silent.map((socket) => once(socket, 'open').then(() => socket.pause())));
  await vi.waitFor(() => expect(received).toHaveLength(EVENTS + 1), 10_000);

  await sleep(STALL_MS / 2);
  await addEvent(world, EVENTS);
  await vi.waitFor(() => expect(received.at(-1)).toBe(EVENTS + 1), 10_000);
  const buffered = [...app.websocketServer.clients].map((socket) => socket.bufferedAmount);
  expect(Math.max(...buffered)).toBeGreaterThan(256 * 1024);
  expect(Math.max(...buffered)).toBeLessThan(1024 * 1024);

  await vi.waitFor(() => expect(closing(app)).toHaveLength(silent.length), STALL_MS + 5_000);
  for (const socket of silent) socket.resume();
  for (const [index, end] of ends.entries()) {
    const [code, reason] = await end;
    expect([code, String(reason)]).toEqual([
      4408,
      expect.stringMatching(/^too slow; resume with after=\d+$/),
    ]);
    const after = Number(/\d+$/.exec(String(reason))?.[0]);
    expect(after).toBeLessThan(EVENTS);
    expect(late[index]!.slice(1)).toEqual(late[index]!.slice(1).map((_, position) => position + 1));
    expect(late[index]!.at(-1)).toBeGreaterThanOrEqual(after);
  }
  reader.terminate();
  await app.close();
  await world.stop();
}, 60_000);

test('the connection of a socket that never reads again is closed too, after the close timeout', async () => {
  const world = await createWorld();
  for (let index = 0; index < EVENTS; index += 1) await addEvent(world, index);
  const { app, url } = await serveTestApp(world.engine, {
    deadlines: { ...deadlines, stallMs: 1_000, closeMs: 1_000 },
  });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream?after=0`);
  await once(socket, 'open');
  socket.pause();
  await vi.waitFor(() => expect(closing(app)).toHaveLength(1), 10_000);
  const closedAtMs = performance.now();
  await vi.waitFor(() => expect(app.websocketServer.clients.size).toBe(0), 20_000);
  expect(performance.now() - closedAtMs).toBeGreaterThan(800);
  expect(await connectionsOf(app)).toBe(0);
  socket.terminate();
  await app.close();
  await world.stop();
}, 60_000);

test('a socket that reads nothing of its backlog from one ping to the next is closed, whatever it answers', async () => {
  const world = await createWorld();
  const { app, url } = await serveTestApp(world.engine, { deadlines: { ...deadlines, pingMs: 1_000 } });
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream`, { maxPayload: 2 ** 30 });
    await once(socket, 'open');
    return socket;
  };
  const silent = await open();
  silent.pause();
  const slow = await open();
  // A slow one takes a little of it at each ping.
  const taking = setInterval(() => (slow.isPaused ? slow.resume() : slow.pause()), 50);
  const text = 'x'.repeat(EVENTS * EVENT_BYTES);
  for (const socket of app.websocketServer.clients) socket.send(text);
  await vi.waitFor(() => expect(closing(app)).toHaveLength(1), 10_000);
  silent.resume();
  const [code, reason] = await once(silent, 'close');
  expect([code, String(reason)]).toEqual([4408, 'too slow; resume after the last event that you have']);
  expect(slow.readyState).toBe(WebSocket.OPEN);
  clearInterval(taking);
  slow.terminate();
  await app.close();
  await world.stop();
}, 60_000);

const closing = (app: FastifyInstance) =>
  [...app.websocketServer.clients].filter(({ readyState }) => readyState === WebSocket.CLOSING);

const connectionsOf = (app: FastifyInstance): Promise<number> =>
  new Promise((resolve) => app.server.getConnections((_error, open) => resolve(open)));

/** One large event of an order of its own, committed and published. */
async function addEvent({ engine }: TestWorld, index: number): Promise<void> {
  const { order, events } = newTestOrder(
    { orderId: toOrderId(`01900000-0000-7000-8000-${String(index).padStart(12, '0')}`), accountId: ACCOUNT },
    { scenario: 'drop', seed: 'x'.repeat(EVENT_BYTES) },
  );
  const result = await engine.orders.submit(order, events, { idempotencyKey: null, fingerprint: `${index}` });
  if (result.outcome !== 'created') throw new Error('not stored');
  engine.bus.publish({ accountId: ACCOUNT, position: result.position!, events });
}
