import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newTestOrder } from '../src/ports/order-store.suite.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

/** More than the kernel takes for a socket that nobody reads, which is about 10 MB here. */
const EVENTS = 400;
const EVENT_BYTES = 64 * 1024;

const positionOf = (data: unknown): number => Number(/"position":(\d+)/.exec(String(data))?.[1]);

test('a socket that never reads is closed with 4408 and where to resume, and holds up nobody else', async () => {
  const world = await createWorld();
  for (let index = 0; index < EVENTS; index += 1) await addEvent(world, index);
  const { app, url } = await serveTestApp(world.engine);
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

  await sleep(15_000);
  await addEvent(world, EVENTS);
  await vi.waitFor(() => expect(received.at(-1)).toBe(EVENTS + 1), 10_000);
  const buffered = [...app.websocketServer.clients].map((socket) => socket.bufferedAmount);
  expect(Math.max(...buffered)).toBeGreaterThan(256 * 1024);
  expect(Math.max(...buffered)).toBeLessThan(1024 * 1024);

  await sleep(17_000); // 30 s of standing still, with what came before.
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

/** One large event of an order of its own, committed and published. */
async function addEvent({ engine }: TestWorld, index: number): Promise<void> {
  const { order, events } = newTestOrder(
    { orderId: `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`, accountId: 'default' },
    { scenario: 'drop', seed: 'x'.repeat(EVENT_BYTES) },
  );
  const result = await engine.orders.submit(order, events, { idempotencyKey: null, fingerprint: `${index}` });
  if (result.outcome !== 'created') throw new Error('not stored');
  engine.bus.publish({ accountId: 'default', position: result.position!, events });
}
