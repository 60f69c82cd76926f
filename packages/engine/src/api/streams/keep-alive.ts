import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { Deadlines } from '../deadlines.ts';
import { CLOSE } from './close-codes.ts';

/** What was seen of a socket at the last look. */
interface Seen {
  /** Bytes that the kernel had taken for it; null if none were waiting. */
  readonly taken: number | null;
  /** It was pinged then, and has not answered yet. */
  isPinged: boolean;
}

/**
 * One timer for all sockets. Whoever did not answer the last ping is gone. Of one that has not taken all that was sent it
 * asks only whether it takes any of it: a slow reader may be slow, but one that took nothing from one look to the next
 * does not read, whatever it answers. The stream that is at its head closes it earlier, with where to resume.
 */
export function keepAlive(app: FastifyInstance, { pingMs }: Pick<Deadlines, 'pingMs'>): void {
  const seen = new WeakMap<WebSocket, Seen>();
  const wires = new WeakMap<WebSocket, Socket>();
  const timer = setInterval(() => {
    for (const socket of app.websocketServer.clients) look(socket);
  }, pingMs);
  timer.unref();

  function look(socket: WebSocket): void {
    if (socket.readyState !== socket.OPEN) return; // It is being closed, which has a deadline of its own.
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
