import type { IncomingMessage, Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** Deadlines for a request's headers and for the whole request, and the interval of the check, milliseconds. */
export const DEADLINES = {
  headersTimeout: 20_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000, // Longer than clients keep idle connections, so that none is reused while it closes.
};
/** Of a port. */
export interface ConnectionLimits {
  readonly maxConnections: number;
  /** Milliseconds without a read or a write after which a connection is closed. */
  readonly silenceMs: number;
}

/** The silence is longer than that of a node with the timeout fault. */
const LIMITS: ConnectionLimits = { maxConnections: 10_000, silenceMs: 150_000 };
/** How long a client that has its answer may still send the rest of its request. */
const LINGER_MS = 5_000;
const PING_EVERY_MS = 30_000;

export function boundConnections(server: Server, limits: ConnectionLimits = LIMITS): Server {
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.silenceMs;
  return server;
}

/**
 * Closes the connection of a request that was answered before its body was complete, if the body does not arrive in
 * time.
 */
export function endAnswered(request: IncomingMessage): void {
  if (request.complete) return;
  setTimeout(() => request.complete || request.socket.destroy(), LINGER_MS).unref();
}

/** Sockets that are closed if they do not answer the last ping. */
export function createSocketServer(maxPayload: number, pingEveryMs = PING_EVERY_MS): WebSocketServer {
  const options = { noServer: true, perMessageDeflate: false, maxPayload, closeTimeout: LINGER_MS };
  const sockets = new WebSocketServer(options);
  const silent = new WeakSet<WebSocket>();
  sockets.on('connection', (socket) => socket.on('pong', () => silent.delete(socket)));
  const timer = setInterval(() => {
    for (const socket of sockets.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, pingEveryMs).unref();
  sockets.on('close', () => clearInterval(timer));
  return sockets;
}
