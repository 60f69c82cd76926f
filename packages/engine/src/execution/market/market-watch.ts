import { ChainTime } from '../../domain/chain-time.ts';
import type { Moment } from '../../domain/moment.ts';
import type { MarketState } from '../../domain/pool-state.ts';
import { PriceHistory } from '../../domain/price-history.ts';
import { RouteFinder } from '../../domain/route-finder.ts';
import { SharedReadings } from '../../domain/shared-readings.ts';
import { VenueGains } from '../../domain/venue-gains.ts';
import type { Blockhash } from '../../ports/chain.ts';
import type { Venue } from '../../ports/venue.ts';
import type { Ports } from '../ports.ts';
import { startDeadline } from '../waiting/deadline.ts';
import { onEverySlot, repeatEvery } from '../waiting/repeat-every.ts';
import { ChangeListeners } from './change-listeners.ts';
import { createDiscovery } from './discover-pools.ts';
import { VenueHealth } from './venue-health.ts';

/** The engine's memory of the market between quotes. */
export interface MarketWatch {
  /** Looks for routes over the pools of all venues. */
  readonly routes: RouteFinder;
  /** Recent price movements. */
  readonly prices: PriceHistory;
  readonly health: VenueHealth;
  /** What venues outside gained over the engine's own offers. */
  readonly gains: VenueGains;
  /**
   * Reads the pools of these venues, as far as they show them in time, into `routes` and `prices`.
   * @returns False if none of them shows any, though it should.
   */
  refresh(ask: {
    readonly venues: readonly Venue[];
    readonly signal: AbortSignal;
    /** Of the round; that of the limits if absent. */
    readonly timeoutMs?: number;
  }): Promise<boolean>;
  /**
   * Calls the listener after each refresh that took a newer reading: the pools have changed, or time may have moved their
   * fees. While anyone listens, the pools are refreshed once per slot (`sampleMarket`).
   *
   * @param listener Quick, since orders wait for it. It reads what it needs from `routes`.
   * @returns Ends the calls.
   */
  onChange(listener: () => void): () => void;
  readonly listeners: ChangeListeners;
  /** Looks for pools that were launched since; at most once a second. Does not reject. */
  discover(): Promise<void>;
  /** The chain's newest slot and time, judged over its nodes. */
  readonly time: ChainTime;
  /** The newest blockhash to sign with (`freshBlockhash`). */
  readonly blockhashes: SharedReadings<Blockhash>;
  /** Recent prices of a compute unit, by written accounts (`computeUnitPrice`). */
  readonly unitPrices: SharedReadings<bigint>;
  /** When the pools of any venue were read last; null before the first time. */
  readAt(): Moment | null;
  /** Whether the last reading has the pools of every venue that was asked: without the best pool a price is lower than it is. */
  isWhole(): boolean;
  /** Outcome of the last rounds of quotes. */
  readonly quotes: QuoteRecord;
  /** The sidelined venues, with the reason; none if all venues would be sidelined. */
  sidelined(venues: readonly Venue[], now: Moment): ReadonlyMap<string, string>;
}

/** Null: never. */
export interface QuoteRecord {
  /** When a venue last offered a route. */
  offeredAt: Moment | null;
  /** When last no venue could offer for lack of fresh accounts. */
  failedAt: Moment | null;
}

/** The ports, and the memory of the market. */
export interface WithMarket extends Ports {
  readonly market: MarketWatch;
}

/** Of a shared blockhash: about 4 % of the time for which it is valid. */
const MOST_BLOCKHASH_AGE_MS = 2_500;
/** Of a shared price: it is of the ten newest slots, which take as long. */
const MOST_PRICE_AGE_MS = 4_000;

export function createMarketWatch(ports: Ports): MarketWatch {
  const { chain, clock, limits, log } = ports;
  const time = ports.time ?? new ChainTime();
  chain.onSlot((slot) => time.slots.hear(slot, clock.moment()));
  let readAt: Moment | null = null;
  let isWhole = false;
  let taken: readonly MarketState[] = [];
  let rounds = 0;
  /** The newest round whose readings were taken: an older one, which waited for a late venue, is not taken after it. */
  let newest = 0;
  const routes = new RouteFinder();
  const prices = new PriceHistory();
  const health = new VenueHealth();
  const listeners = new ChangeListeners(log);
  const newestSlot = () => time.slots.newest;
  return {
    routes,
    prices,
    health,
    gains: new VenueGains(),
    time,
    blockhashes: new SharedReadings(MOST_BLOCKHASH_AGE_MS, newestSlot),
    unitPrices: new SharedReadings(MOST_PRICE_AGE_MS, newestSlot),
    quotes: { offeredAt: null, failedAt: null },
    readAt: () => readAt,
    isWhole: () => isWhole,
    listeners,
    onChange: (listener) => listeners.add(listener),
    async refresh({ venues, signal, timeoutMs = limits.quoteTimeoutMs }) {
      rounds += 1;
      const round = rounds;
      // A late venue must not delay the routes over the pools of the others.
      const late = startDeadline(clock, timeoutMs / 2);
      const shown = venues.filter(({ market }) => market);
      const read = await Promise.all(
        shown.map((venue) => venue.market && Promise.race([venue.market(signal), late.passed])),
      ).finally(late.callOff);
      const markets = read.flatMap((market) => market ?? []);
      if (markets.length === 0) return shown.length === 0;
      if (round < newest) return true;
      newest = round;
      readAt = clock.moment();
      isWhole = markets.length === shown.length;
      const isTaken =
        markets.length === taken.length && markets.every((market, index) => market === taken[index]);
      if (isTaken) return true;
      taken = markets;
      routes.update(markets);
      for (const market of markets) prices.observe(market);
      listeners.tell();
      return true;
    },
    discover: createDiscovery(ports),
    sidelined(venues, now) {
      const found = venues.flatMap(({ name }) => {
        const reason = health.sidelined(name, now);
        return reason === null ? [] : [[name, reason] as const];
      });
      return new Map(found.length < venues.length ? found : []);
    },
  };
}

/** How often prices are sampled, so that an order finds a recent history. */
const SAMPLE_MS = 2_000;
/** How often the reading of a slot is looked for while anyone listens: it arrives some time after the slot was announced. */
const LOOK_MS = 100;
/** Pause after a reading that failed. */
const FAILED_PAUSE_MS = 400;

/** Samples the market between quotes, and for those who listen once per slot. Runs until the signal aborts. */
export async function sampleMarket(ports: Ports, market: MarketWatch, signal: AbortSignal): Promise<void> {
  const { clock } = ports;
  const sample = () => readMarket(ports, market);
  const follow = async () => {
    if (!(await sample())) await clock.sleep(FAILED_PAUSE_MS, signal);
  };
  await Promise.all([
    repeatEvery(ports, signal, SAMPLE_MS, sample),
    onEverySlot(ports, signal, LOOK_MS, follow, market.listeners),
  ]);
}

/**
 * Reads the pools of all venues that orders can use now, if the memory is older than a slot. It takes half of the timeout
 * for quotes at most.
 *
 * @returns False if they cannot be read.
 */
export async function readMarket({ clock, venues, log }: Ports, market: MarketWatch): Promise<boolean> {
  const round = new AbortController();
  const sidelined = market.sidelined(venues, clock.moment());
  const asked = venues.filter(({ name }) => !sidelined.has(name));
  try {
    return await market.refresh({ venues: asked, signal: round.signal });
  } catch (error) {
    log.debug({ error }, 'market sampling failed');
    return false;
  } finally {
    round.abort('read');
  }
}
