import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Everything that the API takes; a page may send it once its origin is allowed. */
const METHODS = 'GET, POST, PATCH, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Prefer';
/** What a page may read beside the few headers that it always may. */
const ANSWER_HEADERS =
  'ETag, Idempotency-Replayed, Location, Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
/** How long a browser may remember a preflight, seconds. */
const PREFLIGHT_SECONDS = 600;

/**
 * Tells browsers that pages of these origins may read the answers, errors included. The guard lets their requests in and
 * answers their preflights. No cookie exists, so none is allowed: a page sends the key in its `Authorization` header.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-expose-headers', ANSWER_HEADERS);
    if (!isPreflight(request)) return;
    reply
      .header('access-control-allow-methods', METHODS)
      .header('access-control-allow-headers', REQUEST_HEADERS)
      .header('access-control-max-age', String(PREFLIGHT_SECONDS));
  });
}

/** Whether a browser asks what a page of another origin may send. It never has a key. */
export const isPreflight = ({ method, headers }: FastifyRequest): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;
