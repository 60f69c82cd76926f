import type { ChainTime } from '../domain/chain-time.ts';
import type { Chain } from '../ports/chain.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus } from '../ports/event-bus.ts';
import type { Logger } from '../ports/logger.ts';
import type { OrderStore } from '../ports/order-store.ts';
import type { Random } from '../ports/random.ts';
import type { Scenarios } from '../ports/scenarios.ts';
import type { Signer } from '../ports/signer.ts';
import type { TokenRegistry } from '../ports/token-registry.ts';
import type { Venue } from '../ports/venue.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { ExecutionLimits } from './limits.ts';

/** Every port that the execution calls. Put together in main/compose. */
export interface Ports {
  readonly orders: OrderStore;
  readonly queue: WorkQueue;
  readonly bus: EventBus;
  readonly chain: Chain;
  readonly venues: readonly Venue[];
  readonly tokens: TokenRegistry;
  readonly signer: Signer;
  /** Where the chain is, where adapters share the judgement; absent: the engine's own. */
  readonly time?: ChainTime;
  /** Absent on chains where nothing fails on demand. */
  readonly scenarios?: Scenarios;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: ExecutionLimits;
}
