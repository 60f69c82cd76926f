import { NEVER } from '../../domain/moment.ts';
import { msSince } from '../../ports/clock.ts';
import type { Ports } from '../ports.ts';

/** Minimum pause between two searches, so that requests for unknown mints cannot overload the node. */
const LEAST_PAUSE_MS = 1_000;

/**
 * Asks every venue for new pools. Callers share a search that is due or running. A venue that cannot search now keeps its
 * known pools.
 */
export function createDiscovery({ venues, clock, log }: Ports): () => Promise<void> {
  let lookedAt = NEVER;
  let due: Promise<void> | null = null;

  async function look(): Promise<void> {
    const pauseMs = LEAST_PAUSE_MS - msSince(clock, lookedAt);
    if (pauseMs > 0) await clock.sleep(pauseMs);
    lookedAt = clock.moment();
    await Promise.all(
      venues.map((venue) =>
        venue.discover?.().catch((error: unknown) => {
          log.warn({ venue: venue.name, error }, 'pool discovery failed');
        }),
      ),
    );
  }

  return () => {
    if (!canDiscover(venues)) return Promise.resolve();
    due ??= look().finally(() => {
      due = null;
    });
    return due;
  };
}

/** Repeats the search every `discoverPoolsMs`. Runs until the signal aborts. */
export async function keepDiscovering(
  { clock, limits, venues }: Ports,
  discover: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (limits.discoverPoolsMs === 0 || !canDiscover(venues)) return;
  while (!signal.aborted) {
    await clock.sleep(limits.discoverPoolsMs, signal);
    if (!signal.aborted) await discover();
  }
}

const canDiscover = (venues: Ports['venues']): boolean => venues.some(({ discover }) => discover);
