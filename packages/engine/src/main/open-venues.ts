import type { SolanaChain } from '../adapters/solana/chain.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { createJupiterVenue } from '../adapters/venues/jupiter/jupiter-venue.ts';
import { type Config, InvalidConfig } from '../config/config.ts';
import type { LookupTable } from '../ports/chain.ts';
import type { HttpClient } from '../ports/http-client.ts';
import type { Logger } from '../ports/logger.ts';
import type { SwapInspector } from '../ports/swap-inspector.ts';
import type { Venue } from '../ports/venue.ts';
import { createTrySwap } from './create-try-swap.ts';
import type { Readings } from './open-readings.ts';
import { createPoolVenues } from './pool-venues.ts';

/**
 * The venues of the configuration; those with pools of their own have looked for them.
 *
 * @throws {InvalidConfig} One of the configured pools is not there, or belongs to no known program.
 */
export async function openVenues({
  config,
  http,
  chain,
  readings,
  lookupTables,
  inspectors,
  wallet,
  jupiterUrl,
  log,
}: {
  readonly config: Config;
  readonly http: HttpClient;
  readonly chain: SolanaChain;
  readonly readings: Readings;
  /** Tables that may hold the accounts of pools. */
  readonly lookupTables: readonly LookupTable[];
  readonly inspectors: readonly SwapInspector[];
  /** The address that swaps. */
  readonly wallet: string;
  /** `off`: without Jupiter. */
  readonly jupiterUrl: string;
  readonly log: Logger;
}): Promise<Venue[]> {
  const { feed, tokens } = readings;
  const clock = systemClock;
  const only = config.POOLS?.split(',');
  const poolVenues = createPoolVenues({
    reader: chain.reader,
    only,
    feed,
    tokens,
    lookupTables,
    clock,
    log,
    trySwap: createTrySwap(chain, wallet),
  });
  const found = await Promise.all(poolVenues.map((venue) => venue.discover()));
  requireFound(only ?? [], found.flat());
  if (jupiterUrl === 'off') return poolVenues;
  const jupiter = { http, url: jupiterUrl, apiKey: config.JUPITER_API_KEY, taker: wallet };
  return [...poolVenues, createJupiterVenue({ ...jupiter, feed, tokens, inspectors, clock })];
}

/** @throws {InvalidConfig} One of the configured pools is not there, or belongs to no known program. */
function requireFound(only: readonly string[], found: readonly string[]): void {
  const missing = only.filter((address) => !found.includes(address));
  if (missing.length > 0)
    throw new InvalidConfig(`POOLS: ${missing.join(', ')} is not a pool of a known program`);
}
