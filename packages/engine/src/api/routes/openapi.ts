import { openApiDocument } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import type { About } from './home.ts';

/** `GET /openapi.json`: the HTTP interface as OpenAPI 3.1, made from the contract when it is first asked for. */
export function serveOpenApi(app: FastifyInstance, { version }: About): void {
  let document: object | undefined;
  app.get('/openapi.json', async () => {
    document ??= openApiDocument({ version });
    return document;
  });
}
