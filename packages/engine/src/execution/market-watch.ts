import { RouteFinder } from '../domain/route-finder.ts';
import type { World } from './world.ts';

/** What the engine remembers of its market from one quote to the next. */
export interface MarketWatch {
  /** Looks for routes over the pools of all venues. */
  readonly routes: RouteFinder;
  /** The newest slot heard of; 0 before the first. */
  newestSlot(): bigint;
}

export function createMarketWatch({ chain }: World): MarketWatch {
  let newestSlot = 0n;
  chain.onSlot((slot) => {
    if (slot > newestSlot) newestSlot = slot;
  });
  return { routes: new RouteFinder(), newestSlot: () => newestSlot };
}
