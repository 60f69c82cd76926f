import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createSlotWatch, type SlotWatch } from './slot-watch.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let watch: SlotWatch | undefined;
let server: WebSocketServer | undefined;
afterEach(() => {
  watch?.close();
  for (const client of server?.clients ?? []) client.terminate();
  server?.close();
});

/** A node whose sockets the test opens and cuts; it announces slots on request. */
async function socketNode() {
  const started = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server = started;
  await new Promise((resolve) => started.once('listening', resolve));
  const subscriptions: string[] = [];
  started.on('connection', (socket) => {
    socket.on('message', (data) => {
      subscriptions.push(JSON.parse(String(data)).method);
      socket.send('{"jsonrpc":"2.0","id":1,"result":7}');
    });
  });
  const tell = (slot: number) => {
    const message = {
      method: 'slotNotification',
      params: { result: { slot, parent: slot - 1, root: 0 }, subscription: 7 },
    };
    for (const client of started.clients) client.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  };
  const cut = () => {
    for (const client of started.clients) client.terminate();
  };
  return { wsUrl: `ws://127.0.0.1:${(started.address() as AddressInfo).port}`, subscriptions, tell, cut };
}

test('notifies all listeners of each slot once, through one subscription', async () => {
  const node = await socketNode();
  watch = createSlotWatch({
    wsUrl: node.wsUrl,
    log,
    pollSlot: () => Promise.reject(new Error('down')),
    pollIntervalMs: 10,
  });
  const heard: bigint[][] = [[], []];
  for (const list of heard) watch.onSlot((slot) => list.push(slot));
  await expect.poll(() => node.subscriptions).toEqual(['slotSubscribe']);
  for (const slot of [5, 5, 6]) node.tell(slot);
  await expect
    .poll(() => heard)
    .toEqual([
      [5n, 6n],
      [5n, 6n],
    ]);
});

test('polls while the socket is down, and subscribes again', async () => {
  const node = await socketNode();
  let polled = 100n;
  watch = createSlotWatch({
    wsUrl: node.wsUrl,
    log,
    pollIntervalMs: 10,
    pollSlot: async () => {
      polled += 1n;
      return polled;
    },
  });
  const heard: bigint[] = [];
  watch.onSlot((slot) => heard.push(slot));
  await expect.poll(() => node.subscriptions.length).toBe(1);
  node.tell(5);
  await expect.poll(() => heard.at(-1)).toBe(5n);
  const polledWhileLive = polled;
  node.cut();
  await expect.poll(() => polled).toBeGreaterThan(polledWhileLive + 1n);
  await expect.poll(() => node.subscriptions.length, { timeout: 3_000 }).toBe(2);
  node.tell(500);
  await expect.poll(() => heard).toContain(500n);
});

test('notifies no listener after its close, and none that has unsubscribed', async () => {
  const node = await socketNode();
  watch = createSlotWatch({
    wsUrl: node.wsUrl,
    log,
    pollSlot: () => Promise.reject(new Error('down')),
    pollIntervalMs: 10,
  });
  const heard: bigint[] = [];
  const stayed: bigint[] = [];
  const leave = watch.onSlot((slot) => heard.push(slot));
  watch.onSlot((slot) => stayed.push(slot));
  await expect.poll(() => node.subscriptions.length).toBe(1);
  leave();
  node.tell(1);
  await expect.poll(() => stayed).toEqual([1n]);
  watch.close();
  node.tell(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(heard).toEqual([]);
  expect(stayed).toEqual([1n]);
});
