import { z } from 'zod';
import { type Operation, operations } from './operations.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';
import { COMPONENTS, refer, toSchema } from './schemas.ts';

/** Every request may meet these. */
const COMMON_PROBLEMS: readonly ProblemCode[] = [
  'unauthorized',
  'forbidden_host',
  'forbidden_origin',
  'request_timeout',
  'headers_too_large',
  'internal_error',
  'too_many_connections',
  'store_unavailable',
];

/** The HTTP interface as OpenAPI 3.1. WebSockets are no part of that format; docs/api.md has them. */
export function openApiDocument({ version }: { version: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations()) {
    paths[operation.path] ??= {};
    Object.assign(paths[operation.path] as object, { [operation.method]: toOperation(operation) });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Order Execution Engine',
      version,
      description: 'Swaps on Solana: at most one fill per order, every step on record.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: {
        ...Object.fromEntries([...COMPONENTS].map(([schema, name]) => [name, toSchema(schema)])),
        Problem: problemSchema(),
      },
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'The API_KEY; on loopback without API_KEY no key is needed',
        },
      },
    },
  };
}

function toOperation(operation: Operation & { readonly id: string }): object {
  const { id, summary, body, query, headers = {}, path, isOpen } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name as string, z.uuid()] as const);
  const parameters = [
    ...inPath.map(([name, schema]) => toParameter('path', name, schema)),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) =>
      toParameter('query', name, schema as z.ZodType),
    ),
    ...Object.entries(headers).map(([name, schema]) => toParameter('header', name, schema)),
  ];
  return {
    operationId: id,
    summary,
    ...(isOpen && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: refer(body) } } },
    }),
    responses: { ...toAnswers(operation), ...toProblems(operation) },
  };
}

function toParameter(where: 'path' | 'query' | 'header', name: string, schema: z.ZodType): object {
  const meant = toSchema(schema);
  // A number is written as itself, a list as one text.
  const { description, ...rest } = meant.type === 'array' ? toSchema(schema, 'input') : meant;
  return {
    name,
    in: where,
    required: !schema.safeParse(undefined).success,
    ...(description !== undefined && { description }),
    schema: rest,
  };
}

const toAnswers = ({ answers }: Operation): Record<string, object> =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { meaning, body }]) => [
      status,
      {
        description: meaning,
        ...(body && { content: { 'application/json': { schema: refer(body) } } }),
      },
    ]),
  );

/** One answer per status; its codes stand in the description. */
function toProblems({ problems = [], answers, isOpen }: Operation): Record<string, object> {
  const codes = isOpen ? [...problems] : [...problems, ...COMMON_PROBLEMS];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  return Object.fromEntries(
    statuses
      .filter((status) => !(status in answers))
      .map((status) => [
        status,
        {
          description: codes
            .filter((code) => PROBLEMS[code].status === status)
            .map((code) => `${code}: ${PROBLEMS[code].title}`)
            .join('; '),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  );
}

const problemSchema = (): object => ({
  type: 'object',
  description:
    'RFC 9457. Requests that clients of other engines know, POST /api/orders/execute and GET /api/orders, add success, error and details.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { enum: Object.keys(PROBLEMS) },
    detail: { type: 'string', description: 'What was wrong with this request' },
    hint: { type: 'string', description: 'What to do next' },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later' },
    requestId: { type: 'string' },
    field: { type: 'string', description: 'The wrong field, if one field is wrong' },
    success: { const: false },
    error: { type: 'string', description: 'The same as title' },
    details: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'array', items: { type: 'string' } }, message: { type: 'string' } },
        required: ['path', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'hint', 'retryable', 'requestId'],
});
