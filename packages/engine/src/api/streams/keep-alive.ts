import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { CLOSE } from '../close-codes.ts';
import type { Deadlines } from '../deadlines.ts';

/** State of a socket at the last check. */
interface Seen {
  /** Bytes that the kernel had accepted for it; null if none were waiting. */
  readonly taken: number | null;
  /** The engine sent a ping that the client has not answered yet. */
  isPinged: boolean;
}

/**
 * One timer checks all sockets. A client that did not answer the last ping is gone. While data waits for a client, the timer
 * checks only whether the client reads any of it: a slow reader may be slow, but a client that read nothing between two checks
 * is closed even if it answers pings. An order's or account's stream closes a slow client earlier, with the point to resume from.
 */
export function keepAlive(app: FastifyInstance, { pingMs }: Pick<Deadlines, 'pingMs'>): void {
  const seen = new WeakMap<WebSocket, Seen>();
  const wires = new WeakMap<WebSocket, Socket>();
  const timer = setInterval(() => {
    for (const socket of app.websocketServer.clients) look(socket);
  }, pingMs);
  timer.unref();

  function look(socket: WebSocket): void {
    if (socket.readyState !== socket.OPEN) return; // The socket is being closed, which has its own timeout.
    const last = seen.get(socket);
    if (socket.bufferedAmount > 0) {
      const taken = (wires.get(socket)?.bytesWritten ?? 0) - socket.bufferedAmount;
      if (last?.taken === taken)
        socket.close(CLOSE.slow, 'too slow; resume after the last event that you have');
      else seen.set(socket, { taken, isPinged: false });
      return;
    }
    if (last?.isPinged) {
      socket.terminate();
      return;
    }
    seen.set(socket, { taken: null, isPinged: true });
    socket.ping();
  }

  function answered(this: WebSocket): void {
    const last = seen.get(this);
    if (last) last.isPinged = false;
  }
  app.addHook('onReady', async () => {
    app.websocketServer.on('connection', (socket, request) => {
      wires.set(socket, request.socket);
      socket.on('pong', answered);
    });
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
