import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 20_000;

/**
 * One timer for all sockets: whoever did not answer the last ping is gone. One that has not even taken what was sent
 * before is slow; its stream closes it, with where to resume.
 */
export function keepAlive(app: FastifyInstance): void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of app.websocketServer.clients) {
      if (socket.bufferedAmount > 0) continue;
      if (silent.has(socket)) {
        socket.terminate();
        continue;
      }
      silent.add(socket);
      socket.ping();
    }
  }, PING_EVERY_MS);
  timer.unref();
  function answered(this: WebSocket): void {
    silent.delete(this);
  }
  app.addHook('onReady', async () => {
    app.websocketServer.on('connection', (socket) => socket.on('pong', answered));
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
