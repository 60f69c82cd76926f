import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

test('readiness fails before the port closes, while every request is still served', async () => {
  const world = await createWorld();
  let servedBefore = false;
  const { app, url } = await serveTestApp(world.engine, { stopNoticeMs: 3_000 });
  const stream = new WebSocket(`${url.replace('http', 'ws')}/api/stream`);
  await once(stream, 'open');
  const ended = once(stream, 'close');
  const closed = app.close().then(() => expect(servedBefore).toBe(true));
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
  expect(await ready.json()).toMatchObject({ status: 'unavailable', checks: { accepting: false } });
  const tokens = await fetch(`${url}/api/tokens`);
  servedBefore = tokens.status === 200;
  expect((await ended)[0]).toBe(1012);
  await closed;
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('a silent connection and a socket that answers no close do not delay a stop', async () => {
  const world = await createWorld();
  const { app, url } = await serveTestApp(world.engine);
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  await once(silent, 'connect');
  const deaf = new WebSocket(`${url.replace('http', 'ws')}/api/stream`);
  await once(deaf, 'open');
  deaf.pause();
  await vi.waitFor(() => expect(app.websocketServer.clients.size).toBe(1));
  const startedAtMs = performance.now();
  await app.close();
  // The socket has 5 s to answer; only what is in hand may take 10 s.
  expect(performance.now() - startedAtMs).toBeLessThan(9_500);
  deaf.terminate();
  silent.destroy();
});
