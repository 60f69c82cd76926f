import {
  type AnswerOf,
  type BodyOf,
  hintOf,
  type Operation,
  type ParamsOf,
  type QueryOf,
  toJsonSchema,
} from '@oee/api-schema';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { OrderId } from '../domain/order.ts';
import { ProblemError } from './problems.ts';
import { requireOrderId } from './read-params.ts';
import { toRoutePath } from './route-path.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route serves; absent at pages for people and at sockets. */
    operation?: Operation;
  }
}

/** What a client asks of an operation, checked against the contract. */
export interface Asked<O extends Operation> {
  readonly params: Readonly<Record<keyof ParamsOf<O>, OrderId>>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** The JSON that the body was parsed from. */
  readonly text: string;
}

/** Answers one request, or throws a `ProblemError`. It returns the reply where it has sent the answer itself. */
export type Handler<O extends Operation> = (
  asked: Asked<O>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<AnswerOf<O> | FastifyReply>;

/**
 * Serves one operation of the contract: method, path, query and body are those of its entry in `OPERATIONS`. A request
 * that breaks them is refused before the handler runs: body and names of the query first, then ids, then the query.
 */
export function serve<O extends Operation>(
  app: FastifyInstance,
  operation: O,
  handler: Handler<O>,
  options: Pick<RouteShorthandOptions, 'errorHandler' | 'onRequest'> = {},
): void {
  const { method, path, query, body }: Operation = operation;
  app.route({
    ...options,
    method: method.toUpperCase(),
    url: toRoutePath(path),
    config: { operation },
    schema: { ...(query && { querystring: toJsonSchema(query) }), ...(body && { body: toJsonSchema(body) }) },
    handler: async (request, reply) => {
      const params = requireIds(request.params as Record<string, string>);
      const sent = { body: request.body, text: request.bodyText };
      const asked = { params, query: requireQuery(query, request.query), ...sent };
      return handler(asked as unknown as Asked<O>, request, reply); // Types cannot see what was just checked.
    },
  });
}

/** Every parameter of a path is an id. */
function requireIds(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, text] of Object.entries(params)) requireOrderId(text, name);
  return params;
}

/** @throws {ProblemError} The first parameter that means nothing, in the contract's words. */
function requireQuery(query: Operation['query'], sent: unknown): object {
  if (query === undefined) return {};
  const { success, data, error } = query.safeParse(sent);
  if (success) return data;
  const [{ path, message }] = error.issues as [(typeof error.issues)[number]];
  const field = String(path[0]);
  const hint = hintOf(query, field);
  throw new ProblemError('invalid_request', { detail: message, field, ...(hint && { hint }) });
}
