import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { createPostgresOrderRetention } from '../adapters/postgres/order-retention.ts';
import { createPostgresPriceMarks } from '../adapters/postgres/price-marks.ts';
import { createPostgresProcessShares } from '../adapters/postgres/process-shares.ts';
import { recentTries } from '../adapters/postgres/recent-tries.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { ACCOUNT } from '../api/account.ts';
import type { Engine } from '../execution/engine.ts';
import { keepDiscovering } from '../execution/market/discover-pools.ts';
import { sampleMarket } from '../execution/market/market-watch.ts';
import { warmUp } from '../execution/quoting/warm-up.ts';
import { startEngine } from '../execution/start-engine.ts';
import type { TriggerParts } from '../execution/triggers/fire-triggers.ts';
import { ALL_SHARES, createShares } from '../execution/triggers/shares.ts';
import { keepRemovingOldOrders } from '../execution/upkeep/remove-old-orders.ts';
import { watchChainTime } from '../execution/upkeep/watch-chain-time.ts';
import { watchIdentity } from '../execution/upkeep/watch-identity.ts';
import type { Cleanups } from './cleanups.ts';
import type { JoinedTransport } from './join-transport.ts';
import type { OpenDatabase } from './open-database.ts';
import { START_WINDOW_MS } from './open-transport.ts';

/** What a process does that accepts orders and executes none: it watches the market and the chain. */
export function startWatching(engine: Engine, cleanups: Cleanups): void {
  cleanups.add(() => engine.queue.stop());
  cleanups.keepRunning((signal) => keepDiscovering(engine, engine.market.discover, signal));
  cleanups.keepRunning((signal) => watchIdentity(engine, signal));
  cleanups.keepRunning((signal) => watchChainTime(engine, engine.market.time, signal));
  // The API stores an accepted order with the last price that it has seen.
  cleanups.keepRunning((signal) => sampleMarket(engine, engine.market, signal));
  cleanups.keepRunning((signal) => engine.remembered.run(signal));
  cleanups.keepRunning((signal) => engine.unknown.run(signal));
}

/** What a process does that executes orders; one of them also sweeps. */
export async function startWorking(
  engine: Engine,
  { transport, sweeping }: JoinedTransport,
  {
    database,
    cleanups,
    retentionDays: days,
  }: {
    readonly database: OpenDatabase;
    readonly cleanups: Cleanups;
    /** How long orders are kept; 0: for ever. */
    readonly retentionDays: number;
  },
): Promise<void> {
  cleanups.keepRunning((signal) => sweeping.run(signal));
  if (transport.noteStart) await noteRecentStarts(database.pool, transport.noteStart);
  const firstOrder = new AbortController();
  const onOrder = () => firstOrder.abort();
  const leads = sweeping.leads;
  const triggers = triggersOf(engine, database);
  cleanups.add(await startEngine(engine, { soleProcess: database.embedded, leads, onOrder, triggers }));
  cleanups.keepRunning((signal) => warmUp(engine, AbortSignal.any([signal, firstOrder.signal])));
  const retention = createPostgresOrderRetention(database);
  cleanups.keepRunning((signal) =>
    keepRemovingOldOrders(engine, { retention, days, leads: sweeping.leads }, signal),
  );
}

/** What the orders that rest need: one process watches all pairs, several share them. */
const triggersOf = ({ clock, log }: Engine, { pool, embedded }: OpenDatabase): TriggerParts => ({
  accountId: ACCOUNT,
  marks: createPostgresPriceMarks(pool),
  shares: embedded
    ? ALL_SHARES
    : createShares({
        shares: createPostgresProcessShares(pool, 'triggers'),
        holder: randomUUID(),
        clock,
        log,
      }),
});

/** Keeps the limit of starts across a restart: counts the tries that the log shows as started within the window. */
async function noteRecentStarts(pool: pg.Pool, noteStart: (agoMs: number) => void): Promise<void> {
  const now = systemClock.now();
  for (const begunAt of await recentTries(pool, now - START_WINDOW_MS)) noteStart(Math.max(0, now - begunAt));
}
