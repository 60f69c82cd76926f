import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

const BODY = JSON.stringify({ type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '1' });

test('an `after` beyond the last event is refused, by streams and by the list, and names the last one', async () => {
  const world = await createWorld();
  const { app, url } = await serveTestApp(world.engine);
  const answer = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: BODY,
  });
  const { orderId } = (await answer.json()) as { orderId: string };
  const events = await fetch(`${url}/api/orders/${orderId}/events?after=99`, {
    headers: { accept: 'text/event-stream' },
  });
  expect(await events.json()).toMatchObject({
    status: 400,
    field: 'after',
    detail: 'after is beyond the last event, 1.',
  });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/orders/${orderId}/stream?after=99`);
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect([code, String(reason)]).toEqual([4400, 'after is beyond the last event, 1']);
  await app.close();
});
