import { BlockList, isIPv6, type Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problems.ts';

export interface ConnectionLimits {
  /** Maximum number of open connections; further ones are refused. */
  readonly total: number;
  /** The same of one address, or of one /64 network of IPv6; not of loopback and the trusted proxies. */
  readonly perAddress: number;
  /** Addresses and networks, such as 10.0.0.0/8, whose connections are those of many clients. */
  readonly trustedProxies: readonly string[];
}

/** Number of connections beyond a limit that still get a 503 answer. Further ones are cut without an answer. */
export const SPARE_CONNECTIONS = 64;
const ASK_WITHIN_MS = 5_000;

/**
 * Bounds the connections, streams included. One beyond a bound gets 503 to its first request and is closed; a connection
 * that asks for nothing is cut after 5 s, so that the places to be refused in do not run out either.
 */
export function boundConnections(app: FastifyInstance, limits: ConnectionLimits): void {
  const { total, perAddress } = limits;
  const proxies = networks(limits.trustedProxies);
  const exempt = networks(['127.0.0.0/8', '::1', ...limits.trustedProxies]);
  const open = new Map<string, number>();
  const refused = new WeakMap<Socket, string>();
  let all = 0;
  app.server.maxConnections = total + SPARE_CONNECTIONS;

  app.server.on('connection', (socket: Socket) => {
    const address = plain(socket.remoteAddress ?? '');
    all += 1;
    socket.once('close', () => {
      all -= 1;
    });
    const count = includes(exempt, address) ? 0 : enter(networkOf(address), socket);
    if (count > perAddress + SPARE_CONNECTIONS) socket.destroy();
    else if (count > perAddress) refuse(socket, `Your address may have ${perAddress} connections.`);
    else if (all > total) refuse(socket, `There may be ${total} connections.`);
  });

  app.addHook('onRequest', async (request, reply) => {
    const detail = refused.get(request.raw.socket) ?? refusalBehindProxy(request, reply);
    if (detail === undefined) return;
    reply.header('connection', 'close');
    return sendProblem(request, reply, 'too_many_connections', { detail });
  });

  /** A proxy's connections carry many clients: the requests and streams of each client are counted instead. */
  function refusalBehindProxy(request: FastifyRequest, reply: FastifyReply): string | undefined {
    const peer = plain(request.raw.socket.remoteAddress ?? '');
    if (request.ip === peer || !includes(proxies, peer)) return undefined;
    const count = enter(networkOf(plain(request.ip)), request.ws ? request.raw.socket : reply.raw);
    return count > perAddress ? `Your address may have ${perAddress} requests and streams.` : undefined;
  }

  /** Counts until `holder` is closed; returns how many there are now. */
  function enter(key: string, holder: { once(event: 'close', left: () => void): unknown }): number {
    const count = (open.get(key) ?? 0) + 1;
    open.set(key, count);
    holder.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
    return count;
  }

  function refuse(socket: Socket, detail: string): void {
    refused.set(socket, detail);
    const timer = setTimeout(() => socket.destroy(), ASK_WITHIN_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  }
}

/** An address as IPv4 if it is one that IPv6 carries. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const includes = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** The key under which connections are counted: one IPv6 client has all 2^64 addresses of its network. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  const all = [
    ...groups,
    ...Array.from({ length: missing }, () => '0'),
    ...(tail ?? '').split(':').filter(Boolean),
  ];
  return all.slice(0, 4).join(':');
}

/** @param names Addresses, or networks in CIDR notation. */
function networks(names: readonly string[]): BlockList {
  const list = new BlockList();
  for (const name of names) {
    const [address = '', prefix] = name.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
