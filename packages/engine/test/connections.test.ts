import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { boundByOpenFiles } from '../src/main/open-file-limit.ts';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

async function serve(trustedProxies: readonly string[]) {
  const world = await createWorld();
  const { app, url } = await serveTestApp(world.engine, {
    connections: { total: 100, perAddress: 2, trustedProxies },
  });
  const open = async (client: string): Promise<number> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/stream`, {
      headers: { 'x-forwarded-for': client },
    });
    const opened = once(socket, 'open').then(() => 101);
    const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
    return Promise.race([opened, refused]);
  };
  return { app, open };
}

test('each client behind a trusted proxy has a separate bound, and an IPv6 network has one', async () => {
  const { app, open } = await serve(['127.0.0.0/8']);
  for (const expected of [101, 101, 503]) expect(await open('203.0.113.5')).toBe(expected);
  expect(await open('203.0.113.6')).toBe(101);
  // What a client writes itself stands further left than what the proxy adds.
  expect(await open('198.51.100.1, 203.0.113.5')).toBe(503);
  const network = ['2001:db8::1', '2001:db8:0:0:ffff::1', '2001:db8::2', '2001:db8:0:1::1'];
  const answers: number[] = [];
  for (const address of network) answers.push(await open(address));
  expect(answers).toEqual([101, 101, 503, 101]);
  await app.close();
});

test('X-Forwarded-For counts only from a trusted proxy, and loopback has no bound', async () => {
  const { app, open } = await serve(['10.0.0.0/8']);
  for (let index = 0; index < 5; index += 1) expect(await open('203.0.113.5')).toBe(101);
  await app.close();
});

test("connections stay below the process's limit of open files", () => {
  expect(boundByOpenFiles(20_000, 1_024)).toBe(704);
  expect(boundByOpenFiles(500, 1_024)).toBe(500);
  expect(boundByOpenFiles(20_000, Number.POSITIVE_INFINITY)).toBe(20_000);
});
