import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { operations } from '@oee/api-schema';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendProblem } from '../problems.ts';
import { isPreflight } from './allow-origins.ts';

export interface GuardOptions {
  /** Address that the server listens on. */
  readonly host: string;
  readonly apiKey?: string;
  /** Origins, such as `https://app.example`, whose pages may call. The server's own pages always may. */
  readonly origins: readonly string[];
}

/** Pages for people: a browser sends the key as the password that it asks for, as no page can add a header to itself. */
const PASSWORD_PATHS = /^\/queues(\/|$)/;
const OPEN_PATHS: ReadonlySet<string> = new Set(
  operations().flatMap(({ path, isOpen }) => (isOpen ? [path] : [])),
);
const LOOPBACK_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i;

/**
 * Refuses requests that may come from a foreign page or lack the key:
 *
 * - A request with more than one Host is refused.
 * - A page of a foreign site gets 403, unless its origin is allowed.
 * - On loopback a request needs no key, but one that names another host gets 403: a foreign name may point to loopback.
 * - Elsewhere, without a key, a page under a public name gets 403, unless the name belongs to an allowed origin. The owner of
 *   a name can make it point to this server, and the owner's pages then look like the server's own.
 * - If a key is set, every path but the open ones of the contract needs it. Sockets are accepted and then closed with 4401,
 *   since browsers cannot read an HTTP status of an upgrade.
 */
export function guardRequests(app: FastifyInstance, { host, apiKey, origins }: GuardOptions): void {
  const loopbackOnly = LOOPBACK_NAMES.test(host);
  // A proxy on this machine passes on the name that its page has.
  const names = new Set(origins.map((origin) => new URL(origin).hostname));
  app.addHook('onRequest', async (request, reply) => {
    if (hasSecondHost(request)) return sendProblem(request, reply, 'invalid_request', SECOND_HOST);
    const name = nameOf(request.headers.host ?? '');
    const isOwnName = LOOPBACK_NAMES.test(name) || names.has(name.toLowerCase());
    if (loopbackOnly && !isOwnName) return sendProblem(request, reply, 'forbidden_host');
    if (!apiKey && !isOwnName && isPublicName(name) && request.headers.origin !== undefined)
      return sendProblem(request, reply, 'forbidden_host', PUBLIC_NAME);
    if (isForeignOrigin(request, origins)) return sendProblem(request, reply, 'forbidden_origin');
    if (isPreflight(request)) return reply.code(204).send();
    const path = request.url.split('?')[0] ?? '';
    if (!apiKey || request.ws || OPEN_PATHS.has(path) || hasKey(request, apiKey)) return;
    if (PASSWORD_PATHS.test(path)) {
      if (hasPassword(request, apiKey)) return;
      reply.header('www-authenticate', 'Basic realm="queues", charset="UTF-8"');
    }
    return sendProblem(request, reply, 'unauthorized');
  });
}

/** Whether the request carries the key; compared in constant time. */
export function hasKey(request: FastifyRequest, apiKey: string): boolean {
  const [scheme, given = ''] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && timingSafeEqual(digest(given), digest(apiKey));
}

/** Whether the request carries the key as the password of any user. */
function hasPassword(request: FastifyRequest, apiKey: string): boolean {
  const [scheme, given = ''] = (request.headers.authorization ?? '').split(' ');
  const password = Buffer.from(given, 'base64').toString('utf8').split(':').slice(1).join(':');
  return scheme?.toLowerCase() === 'basic' && timingSafeEqual(digest(password), digest(apiKey));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const SECOND_HOST = { detail: 'Host is there more than once.', field: 'Host', hint: 'Send one Host header.' };

/** Node.js takes the first, and something between the client and this process may have looked at the last. */
function hasSecondHost({ raw: { rawHeaders } }: FastifyRequest): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  return hosts > 1;
}

/** Browsers name the page's origin; it must be this server itself, port included, or one that is allowed. */
function isForeignOrigin({ headers }: FastifyRequest, origins: readonly string[]): boolean {
  if (headers.origin === undefined || origins.includes(headers.origin)) return false;
  try {
    return new URL(headers.origin).host !== headers.host;
  } catch {
    return true; // "null": a sandboxed page or a file.
  }
}

const PUBLIC_NAME = { hint: "Set API_KEY, or name the page's origin in CORS_ORIGIN." };

/** A name that a stranger can register and point to any address. A name of one label, such as a container's, is not public. */
const isPublicName = (name: string): boolean =>
  name.includes('.') && isIP(name) === 0 && !name.startsWith('[');

/** The name of a Host header without its port. */
const nameOf = (host: string): string =>
  host.startsWith('[') ? host.replace(/\]:\d+$/, ']') : host.replace(/:\d+$/, '');
