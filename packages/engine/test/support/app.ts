import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type AppOptions, createApp } from '../../src/api/app.ts';
import type { Deadlines } from '../../src/api/deadlines.ts';
import type { Engine } from '../../src/execution/engine.ts';
import { databaseAnswers } from '../../src/execution/readiness/database-answers.ts';

/** Longer than any test waits for. */
export const TEST_DEADLINES: Deadlines = {
  requestMs: 30_000,
  pingMs: 20_000,
  stallMs: 30_000,
  closeMs: 5_000,
  overMs: 3_600_000,
  eventsMs: 600_000,
};

/** The HTTP and WebSocket interface of an engine in this process. Not listening yet. */
export const createTestApp = (engine: Engine, options: Partial<AppOptions> = {}): Promise<FastifyInstance> =>
  createApp(engine, {
    host: '127.0.0.1',
    origins: [],
    streamHoldMs: 300_000,
    stopNoticeMs: 0,
    backlog: { maxBacklog: 10_000, countWaiting: async () => 0 },
    connections: { total: 10_000, perAddress: 10_000, trustedProxies: [] },
    deadlines: TEST_DEADLINES,
    readiness: [databaseAnswers(engine)],
    about: { version: '1.2.3', chain: 'memory', database: 'memory' },
    ...options,
  });

/** The same, on a port of its own. */
export async function serveTestApp(
  engine: Engine,
  options: Partial<AppOptions> = {},
): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
  const app = await createTestApp(engine, options);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}
