import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { DevnetNode } from '../node.ts';
import { serveSocket } from '../pubsub/socket-session.ts';
import { Subscriptions } from '../pubsub/subscriptions.ts';
import { createHttpHandler } from './http-handler.ts';
import { foreignRequest, isLoopbackHost } from './loopback-guard.ts';

const MAX_FRAME_BYTES = 1024 * 1024;

export interface Network {
  readonly port: number;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP and WebSocket on one port, and for WebSocket on the next one too, where web3.js v1 looks for it.
 *
 * @param options.onWarning Told when the next port is taken; the first one being taken is an error.
 */
export async function listen(
  node: DevnetNode,
  options: { host: string; port: number; onWarning: (message: string) => void },
): Promise<Network> {
  const { host, port, onWarning } = options;
  const isLoopback = isLoopbackHost(host);
  const subscriptions = new Subscriptions(node);
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const foreign = isLoopback ? foreignRequest(request) : null;
    if (foreign !== null) {
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${foreign}`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(subscriptions, opened));
  };

  const handler = createHttpHandler(node, { isLoopback });
  const main = createServer(handler).on('upgrade', upgrade);
  main.keepAliveTimeout = 65_000; // Longer than clients keep idle connections, which would meet a closing one.
  await startListening(main, host, port);
  const actualPort = (main.address() as AddressInfo).port;
  const second = createServer(handler).on('upgrade', upgrade);
  const isSecondOpen = await startListening(second, host, actualPort + 1).then(
    () => true,
    (error: Error) => {
      onWarning(`WebSocket is served on port ${actualPort} only: ${error.message}`);
      return false;
    },
  );

  return {
    port: actualPort,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await Promise.all([main, ...(isSecondOpen ? [second] : [])].map(closeServer));
    },
  };
}

function startListening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
