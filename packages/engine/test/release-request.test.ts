import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveTestApp } from './support/app.ts';
import { createWorld } from './support/world.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test.each(['/api/stream', '/api/orders/status'])(
  'an open socket of %s keeps nothing of the request that it came with',
  async (path) => {
    const world = await createWorld();
    const { app, url } = await serveTestApp(world.engine);
    // A response knows its request, so a response that is kept would keep the request too.
    const requests: WeakRef<object>[] = [];
    app.server.on('upgrade', (request) => requests.push(new WeakRef(request)));
    const socket = new WebSocket(url.replace('http', 'ws') + path);
    await once(socket, 'open');
    await sleep(50);
    collectGarbage();
    expect(requests.map((request) => request.deref())).toEqual([undefined]);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
    await app.close();
    await world.stop();
  },
);
