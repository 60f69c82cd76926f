import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serveTestApp } from './support/app.ts';
import { createDevnetWorld, type DevnetWorld } from './support/devnet-world.ts';

interface Price {
  readonly mid: string;
  readonly buy: string;
  readonly sell: string;
  readonly slot: number;
}

let world: DevnetWorld;
beforeAll(async () => {
  world = await createDevnetWorld('prices');
});
afterAll(() => world?.stop());

test('a price frame follows a swap: the sold token costs less, in a slot of the swap or later', async () => {
  const { app, url } = await serveTestApp(world.engine);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream?events=none&prices=SOL/USDC`);
  const frames: Price[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Price));
  await once(socket, 'open');
  await vi.waitFor(() => expect(frames).toHaveLength(1), 10_000);
  const before = frames[0]!;
  expect(Number(before.sell)).toBeLessThan(Number(before.mid));
  expect(Number(before.mid)).toBeLessThan(Number(before.buy));

  const order = await world.submit({ tokenIn: 'SOL', tokenOut: 'USDC', amount: '500', slippageBps: 2_000 });
  await world.advanceUntil(order, 'confirmed');
  const { fill } = await world.order(order);
  // What a price is after its fees and before the impact of a size is the most that a swap can bring.
  const executed = Number(fill!.amountOut) / 1e6 / (Number(fill!.amountIn) / 1e9);
  expect(executed).toBeLessThan(Number(before.sell));
  const log = await world.engine.orders.events(order.request.orderId, 0, 100);
  const confirmed = log.find((event) => event.type === 'order.confirmed')!;
  const cheaper = () => frames.find(({ sell }) => Number(sell) < Number(before.sell));
  await vi.waitFor(() => expect(cheaper()).toBeDefined(), 10_000);
  expect(cheaper()!.slot).toBeGreaterThanOrEqual(Number(confirmed.data.slot));
  const shown = (await (await fetch(`${url}/api/prices?pairs=SOL/USDC`)).json()) as { data: Price[] };
  expect(shown.data[0]!.sell).toBe(frames.at(-1)!.sell);
  socket.close();
  await app.close();
});
