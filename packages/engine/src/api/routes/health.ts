import { OPERATIONS } from '@oee/api-schema';
import type { FastifyInstance } from 'fastify';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Engine } from '../../execution/engine.ts';
import { judgeReadiness, type ReadinessCheck } from '../../execution/readiness/readiness.ts';
import type { Draining } from '../plugins/drain.ts';
import { serve } from '../serve.ts';

const STOPPING = { ready: false, findings: { accepting: { ok: false, reason: 'the process is stopping' } } };

/**
 * `/health` and `/livez` say that the process answers, and whether its nodes answer for the chain that it trades on;
 * `/readyz` that it can execute orders, and that it stays.
 */
export function serveHealth(
  app: FastifyInstance,
  { chain, clock }: Pick<Engine, 'chain' | 'clock'>,
  checks: readonly ReadinessCheck[],
  draining: Draining,
): void {
  const alive = async () => ({
    status: 'ok' as const,
    timestamp: toTimestamp(clock.now()),
    chainIdentity: chain.identity.strangers.size === 0,
  });
  serve(app, OPERATIONS.getHealth, alive);
  serve(app, OPERATIONS.getLiveness, alive);
  serve(app, OPERATIONS.getReadiness, async (_asked, _request, reply) => {
    const { ready, findings } = draining.isUnderWay() ? STOPPING : await judgeReadiness(clock, checks);
    if (!ready) reply.code(503).header('retry-after', '1');
    const all = Object.entries(findings);
    return {
      status: ready ? ('ready' as const) : ('unavailable' as const),
      checks: Object.fromEntries(all.map(([name, { ok }]) => [name, ok])),
      details: Object.fromEntries(all.map(([name, { ok: _, ...detail }]) => [name, detail])),
    };
  });
}
