import type { FastifyInstance } from 'fastify';
import { toTimestamp } from '../../domain/timestamp.ts';
import { judgeReadiness, type ReadinessCheck } from '../../execution/readiness/readiness.ts';
import type { Clock } from '../../ports/clock.ts';

/** `/health` and `/livez` say that the process answers; `/readyz` that it can execute orders. */
export function serveHealth(app: FastifyInstance, clock: Clock, checks: readonly ReadinessCheck[]): void {
  const alive = async () => ({ status: 'ok', timestamp: toTimestamp(clock.now()) });
  app.get('/health', alive);
  app.get('/livez', alive);
  app.get('/readyz', async (_request, reply) => {
    const { ready, findings } = await judgeReadiness(clock, checks);
    if (!ready) reply.code(503).header('retry-after', '1');
    const all = Object.entries(findings);
    return {
      status: ready ? 'ready' : 'unavailable',
      checks: Object.fromEntries(all.map(([name, { ok }]) => [name, ok])),
      details: Object.fromEntries(all.map(([name, { ok: _, ...detail }]) => [name, detail])),
    };
  });
}
