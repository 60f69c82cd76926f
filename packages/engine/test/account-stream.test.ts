import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ACCOUNT } from '../src/api/account.ts';
import { toOrderId } from '../src/domain/order.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld, type TestWorld } from './support/world.ts';

interface Frame {
  readonly type: string;
  readonly position: number;
  readonly orderId: string;
  readonly sequence: number;
}

let world: TestWorld;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  world = await createWorld();
  await world.start();
  await listen({});
});
afterEach(async () => {
  await app.close();
  await world.stop();
});

async function listen(options: { apiKey?: string }): Promise<void> {
  await app?.close();
  const served = await serveTestApp(world.engine, options);
  app = served.app;
  url = `${served.url.replace('http', 'ws')}/api/stream`;
}

/** A socket and what it received, without the opening frame. */
async function connect(query = ''): Promise<{ opened: Frame; frames: Frame[]; socket: WebSocket }> {
  const socket = new WebSocket(url + query);
  const all: Frame[] = [];
  socket.on('message', (data) => all.push(JSON.parse(String(data)) as Frame));
  await vi.waitFor(() => expect(all).not.toHaveLength(0));
  const opened = all.shift()!;
  return { opened, frames: all, socket };
}

/** Carries so many orders to their end; their events are numbered. */
async function trade(count: number): Promise<void> {
  const orders = await Promise.all(Array.from({ length: count }, () => world.submit()));
  await world.settle(orders);
  await world.slots(5);
}

async function closeCode(query: string): Promise<[number, string]> {
  const [code, reason] = await once(new WebSocket(url + query), 'close');
  return [code as number, String(reason)];
}

const positions = (frames: readonly Frame[]): number[] => frames.map(({ position }) => position);
const count = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the account stream', () => {
  test('carries every event of every order, each with its position', async () => {
    const { opened, frames, socket } = await connect();
    expect(opened).toEqual({ type: 'stream.opened', position: 0 });
    await trade(4);
    await vi.waitFor(() => expect(frames).toHaveLength(20));
    expect(positions(frames)).toEqual(count(1, 20));
    for (const orderId of new Set(frames.map((frame) => frame.orderId))) {
      const ofOrder = frames.filter((frame) => frame.orderId === orderId);
      const log = await world.engine.orders.events(toOrderId(orderId), 0, 100);
      expect(ofOrder.map(({ position, ...event }) => event)).toEqual(log);
    }
    socket.close();
  });

  test('begins now without `after`, and at the beginning with 0', async () => {
    await trade(1);
    const [late, whole] = [await connect(), await connect('?after=0')];
    expect([late.opened.position, whole.opened.position]).toEqual([5, 0]);
    await trade(1);
    await vi.waitFor(() => expect(positions(late.frames)).toEqual(count(6, 10)));
    await vi.waitFor(() => expect(positions(whole.frames)).toEqual(count(1, 10)));
    late.socket.close();
    whole.socket.close();
  });

  test('is gapless for a client that is cut off repeatedly and resumes after its last event', async () => {
    const received: number[] = [];
    let after = 0;
    for (let round = 0; round < 8; round += 1) {
      const { frames, socket } = await connect(`?after=${after}`);
      await trade(2);
      await vi.waitFor(() => expect(frames.length).toBeGreaterThan(2));
      socket.terminate(); // Whatever else is under way is lost with it.
      received.push(...positions(frames));
      after = received.at(-1)!;
    }
    const { frames, socket } = await connect(`?after=${after}`);
    const end = await world.engine.orders.accountPosition(ACCOUNT);
    expect(end).toBeGreaterThanOrEqual(80);
    await vi.waitFor(() => expect([...received, ...positions(frames)]).toEqual(count(1, end)));
    socket.close();
  });

  test('finds events that the bus lost', async () => {
    const { frames, socket } = await connect();
    world.busDrops();
    await trade(1);
    world.busDelivers();
    await world.clock.advance(10_000);
    await vi.waitFor(() => expect(positions(frames)).toEqual(count(1, 5)));
    socket.close();
  });

  test('asks the log once for all readers at its end, and not at all without a reader', async () => {
    const streams = [await connect(), await connect(), await connect()];
    const [asked, read] = [
      world.hooks.orders.calls('accountPosition'),
      world.hooks.orders.calls('accountEvents'),
    ];
    for (const calls of [asked, read]) calls.length = 0;
    await world.clock.advance(10_000);
    expect([asked.length, read.length]).toEqual([1, 0]);
    for (const { socket } of streams) socket.close();
    await vi.waitFor(() => expect(app.websocketServer.clients.size).toBe(0));
    await world.clock.advance(60_000);
    expect(asked).toHaveLength(1);
  });

  test('refuses a malformed position, and one that it has not reached', async () => {
    expect(await closeCode('?after=x')).toEqual([4400, 'after must be a whole number']);
    expect(await closeCode('?after=-1')).toEqual([4400, 'after must be a whole number']);
    expect(await closeCode('?after=1')).toEqual([4400, 'after is beyond the last position, 0']);
  });

  test('asks for the key where one is set', async () => {
    await listen({ apiKey: 'k'.repeat(32) });
    expect((await closeCode(''))[0]).toBe(4401);
  });
});
