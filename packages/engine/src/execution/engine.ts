import type { WatchedWorld } from './market-watch.ts';
import type { Observer } from './observe-attempts.ts';

/** The world, what the engine remembers of its market, and the observer that watches what was sent into it. */
export interface Engine extends WatchedWorld {
  /** Watches recorded attempts until the chain has decided them. */
  readonly observer: Observer;
}
