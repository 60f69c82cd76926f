import { asyncApiDocument, OPERATIONS, openApiDocument } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { socketProtocolOf } from '../reached-as.ts';
import { serve } from '../serve.ts';
import { documentsPage } from './documents-page.ts';
import type { About } from './home.ts';
import { sendPage } from './page.ts';

/**
 * The interface, made from the contract when it is first asked for: `/openapi.json` what is asked over HTTP (OpenAPI 3.1),
 * `/asyncapi.json` what streams send (AsyncAPI 3.0), `/docs` both as a page for people.
 */
export function serveDocuments(app: FastifyInstance, { version }: About): void {
  let openApi: object | undefined;
  let page: string | undefined;
  serve(app, OPERATIONS.getOpenApi, async () => {
    openApi ??= openApiDocument({ version });
    return openApi;
  });
  serve(app, OPERATIONS.getAsyncApi, async (_asked, request) =>
    asyncApiDocument({ version, host: request.host, protocol: socketProtocolOf(request) }),
  );
  app.get('/docs', async (_request, reply) => {
    page ??= documentsPage({ version });
    return sendPage(reply, page);
  });
}
