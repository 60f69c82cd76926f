import type { MarketWatch } from './market-watch.ts';
import type { Observer } from './observe-attempts.ts';
import type { World } from './world.ts';

/** The world, what the engine remembers of its market, and the observer that watches what was sent into it. */
export interface Engine extends World {
  readonly market: MarketWatch;
  /** Watches recorded attempts until the chain has decided them. */
  readonly observer: Observer;
}
