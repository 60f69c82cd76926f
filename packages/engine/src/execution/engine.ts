import type { Observer } from './observe-attempts.ts';
import type { World } from './world.ts';

/** The world, and the observer that watches what was sent into it. */
export interface Engine extends World {
  /** Watches recorded attempts until the chain has decided them. */
  readonly observer: Observer;
}
