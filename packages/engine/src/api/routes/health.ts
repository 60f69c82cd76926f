import type { FastifyInstance } from 'fastify';
import { toTimestamp } from '../../domain/timestamp.ts';
import type { Clock } from '../../ports/clock.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Each part that must answer. */
  readonly checks: Readonly<Record<string, boolean>>;
}

/** `/health` and `/livez` say that the process answers; `/readyz` that its database and chain do too. */
export function serveHealth(app: FastifyInstance, clock: Clock, readiness: () => Promise<Readiness>): void {
  const alive = async () => ({ status: 'ok', timestamp: toTimestamp(clock.now()) });
  app.get('/health', alive);
  app.get('/livez', alive);
  app.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await readiness();
    if (!ready) reply.code(503).header('retry-after', '1');
    return { status: ready ? 'ready' : 'unavailable', checks };
  });
}
