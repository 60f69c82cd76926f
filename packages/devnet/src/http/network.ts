import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DevnetNode } from '../node.ts';
import { serveSocket } from '../pubsub/socket-session.ts';
import { Subscriptions } from '../pubsub/subscriptions.ts';
import { boundConnections, createSocketServer, DEADLINES } from './deadlines.ts';
import { createHttpHandler } from './http-handler.ts';
import { foreignRequest, isLoopbackHost } from './loopback-guard.ts';
import { nodeAt, targetOf } from './node-paths.ts';

const MAX_FRAME_BYTES = 1024 * 1024;

export interface Network {
  readonly port: number;
  /** Port of the second node; null without a separate port. */
  readonly node2Port: number | null;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
}

/**
 * Listens for HTTP and WebSocket on one port, and for WebSocket on the next one too, where web3.js v1 looks for it.
 *
 * @param options.node2Port A port on which the second node is `/`, so that it can be cut off by itself; 0 takes any free one.
 * @param options.port 0 takes any free one whose next port is free too.
 * @param options.onWarning Told when the next port is taken; another one being taken is an error.
 */
export async function listen(
  node: DevnetNode,
  options: { host: string; port: number; node2Port?: number; onWarning: (message: string) => void },
): Promise<Network> {
  const { host, port, onWarning } = options;
  const isLoopback = isLoopbackHost(host);
  const subscriptions = new Subscriptions(node);
  const sockets = createSocketServer(MAX_FRAME_BYTES);
  const upgradeAt = (ownNode: number) => (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const foreign = isLoopback ? foreignRequest(request) : null;
    if (foreign !== null) {
      socket.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${foreign}`);
      return;
    }
    const target = targetOf(request);
    if (target === null) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    const nodeNumber = nodeAt(target.pathname, ownNode) ?? ownNode;
    sockets.handleUpgrade(request, socket, head, (opened) => {
      sockets.emit('connection', opened);
      serveSocket(subscriptions, opened, nodeNumber);
    });
  };
  const serverOf = (ownNode: number) =>
    boundConnections(createServer(DEADLINES, createHttpHandler(node, { isLoopback, ownNode }))).on(
      'upgrade',
      upgradeAt(ownNode),
    );

  const servers = await listenOnTwoPorts(() => serverOf(1), host, port, onWarning);
  const actualPort = (servers[0]!.address() as AddressInfo).port;
  const node2 = serverOf(2);
  if (options.node2Port !== undefined) {
    await startListening(node2, host, options.node2Port).catch(async (error: Error) => {
      await Promise.all(servers.map(closeServer));
      throw error;
    });
    servers.push(node2);
  }

  const node2Port = options.node2Port === undefined ? null : (node2.address() as AddressInfo).port;
  node.contacts.announce(1, hostAndPort(host, actualPort));
  if (node2Port !== null) node.contacts.announce(2, hostAndPort(host, node2Port));
  return {
    port: actualPort,
    node2Port,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await Promise.all(servers.map(closeServer));
    },
  };
}

const PAIRS_TRIED = 20;

/**
 * Listens on a port and the next one. For port 0 it looks for a free port whose next port is free too. If the caller
 * names the port and the next one is taken, the devnet warns and uses only one.
 *
 * @returns One server or two; the first has the lower port.
 */
async function listenOnTwoPorts(
  createServer: () => Server,
  host: string,
  port: number,
  onWarning: (message: string) => void,
): Promise<Server[]> {
  for (let tried = 1; ; tried++) {
    const main = createServer();
    await startListening(main, host, port);
    const { port: actualPort } = main.address() as AddressInfo;
    const second = createServer();
    try {
      await startListening(second, host, actualPort + 1);
      return [main, second];
    } catch (error) {
      if (port === 0 && tried < PAIRS_TRIED) {
        await closeServer(main);
        continue;
      }
      onWarning(`WebSocket is served on port ${actualPort} only: ${(error as Error).message}`);
      return [main];
    }
  }
}

/** A host and port in the form of a URL, with an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
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
