import type { FastifyInstance } from 'fastify';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Engine } from '../../execution/engine.ts';
import { judgeReadiness, type ReadinessCheck } from '../../execution/readiness/readiness.ts';

/**
 * `/health` and `/livez` say that the process answers, and whether its nodes answer for the chain that it trades on;
 * `/readyz` that it can execute orders.
 */
export function serveHealth(
  app: FastifyInstance,
  { chain, clock }: Pick<Engine, 'chain' | 'clock'>,
  checks: readonly ReadinessCheck[],
): void {
  const alive = async () => ({
    status: 'ok',
    timestamp: toTimestamp(clock.now()),
    chainIdentity: chain.identity.strangers.size === 0,
  });
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
