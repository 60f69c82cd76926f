import { hintOf, type Problem, type ProblemCode, toProblem } from '@oee/api-schema';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ChainUnavailable } from '../ports/chain.ts';
import type { Logger } from '../ports/logger.ts';
import { StoreUnavailable } from '../ports/order-store.ts';

/** An error answer that a route chose. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly code: ProblemCode;
  readonly about: { detail?: string; hint?: string; field?: string };

  constructor(code: ProblemCode, about: { detail?: string; hint?: string; field?: string } = {}) {
    super(about.detail ?? code);
    this.code = code;
    this.about = about;
  }
}

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  about: { detail?: string; hint?: string; field?: string } = {},
): FastifyReply {
  return writeProblem(reply, toProblem(code, { ...about, requestId: request.id }));
}

/** Sends a problem, with whatever members it carries beside the standard ones. */
function writeProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  if (problem.status === 426) reply.header('upgrade', 'websocket').header('connection', 'upgrade');
  if (problem.status === 401 && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem));
}

const CODE_OF_FASTIFY: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
};

/** Turns every error of a request into one problem+json answer. */
export function answerProblems(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, 'not_found', {
      detail: `${request.method} ${pathOf(request)} does not exist.`,
    }),
  );
  app.setErrorHandler(createErrorHandler(log));
}

/** Answers an error; `inDialect` may add members for clients that look for others than the standard ones. */
export function createErrorHandler(
  log: Logger,
  inDialect: (problem: Problem, request: FastifyRequest) => Problem = (problem) => problem,
) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { code, about } = readError(error, request);
    if (code === 'internal_error')
      log.error({ error, requestId: request.id, path: pathOf(request) }, 'request failed');
    return writeProblem(reply, inDialect(toProblem(code, { ...about, requestId: request.id }), request));
  };
}

/** The problem that a client gets for an error. */
function readError(error: FastifyError, request: FastifyRequest): Pick<ProblemError, 'code' | 'about'> {
  if (error instanceof ProblemError) return error;
  if (error.validation) return { code: 'invalid_request', about: describeValidation(error, request) };
  const known = CODE_OF_FASTIFY[error.code];
  if (known) return { code: known, about: { detail: error.message } };
  if (error instanceof SyntaxError || error.statusCode === 400)
    return { code: 'invalid_json', about: { detail: error.message } };
  if (error instanceof ChainUnavailable) return { code: 'chain_unavailable', about: {} };
  if (error instanceof StoreUnavailable) return { code: 'store_unavailable', about: {} };
  return { code: 'internal_error', about: {} };
}

/** The first rule that the request breaks, with the field and what it must be. */
function describeValidation(
  error: FastifyError,
  { routeOptions }: FastifyRequest,
): { detail: string; field?: string; hint?: string } {
  const [first] = error.validation ?? [];
  if (!first) return { detail: error.message };
  const missing = (first.params as { missingProperty?: string }).missingProperty;
  const extra = (first.params as { additionalProperty?: string }).additionalProperty;
  const path = first.instancePath.slice(1).replaceAll('/', '.');
  const field = [path, missing ?? extra].filter(Boolean).join('.');
  const where = error.validationContext ?? 'request';
  if (extra !== undefined)
    return {
      detail: `${where} has the unknown field "${extra.slice(0, 64)}".`,
      field: field.slice(0, 128),
      hint: 'Remove the field, or check its spelling in docs/api.md.',
    };
  if (missing !== undefined)
    return { detail: `${where} lacks the field "${missing}".`, field, hint: `Add "${missing}".` };
  const { operation } = routeOptions.config;
  const hint = hintOf(where === 'querystring' ? operation?.query : operation?.body, field);
  return {
    detail: `${field || where} ${first.message ?? 'is not valid'}.`,
    ...(field && { field }),
    ...(hint && { hint }),
  };
}

const pathOf = (request: FastifyRequest): string => (request.url.split('?')[0] ?? '').slice(0, 200);
