import type { Engine } from '../execution/engine.ts';
import { chainAnswers } from '../execution/readiness/chain-answers.ts';
import { databaseAnswers } from '../execution/readiness/database-answers.ts';
import { marketIsFresh } from '../execution/readiness/market-is-fresh.ts';
import { nodesAgree } from '../execution/readiness/nodes-agree.ts';
import { nodesAtHome } from '../execution/readiness/nodes-at-home.ts';
import { ordersRemembered } from '../execution/readiness/orders-remembered.ts';
import { quotesAreGiven } from '../execution/readiness/quotes-are-given.ts';
import type { ReadinessCheck } from '../execution/readiness/readiness.ts';
import { slotsAdvance } from '../execution/readiness/slots-advance.ts';
import { transactionsKnown } from '../execution/readiness/transactions-known.ts';
import type { Transport } from './open-transport.ts';

/** The checks of `/readyz`, by name. Without Redis the engine continues, slower. */
export function readinessChecks(engine: Engine, transport: Transport): readonly ReadinessCheck[] {
  const checks = [
    databaseAnswers(engine),
    chainAnswers(engine),
    slotsAdvance(engine),
    nodesAtHome(engine),
    nodesAgree(engine),
    marketIsFresh(engine),
    quotesAreGiven(engine),
    ordersRemembered(engine),
    transactionsKnown(engine),
  ];
  return transport.isConnected() === null ? checks : [...checks, redisConnected(transport)];
}

const redisConnected = (transport: Transport): ReadinessCheck => ({
  name: 'redis',
  isNeeded: false,
  look: async () =>
    transport.isConnected() ? { ok: true } : { ok: false, reason: 'Redis is not connected' },
});
