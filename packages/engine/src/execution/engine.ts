import type { WatchedWorld } from './market-watch.ts';
import type { Observer } from './observe-attempts.ts';
import type { RememberedOrders } from './remembered-orders.ts';
import type { StartQuestion } from './start-question.ts';
import type { WaitTimes } from './wait-times.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** The world, what the engine remembers of its market, and who watches what it waits for. */
export interface Engine extends WatchedWorld {
  /** Watches recorded attempts until the chain has decided them. */
  readonly observer: Observer;
  /** How long orders have waited, as this process measures it. */
  readonly waits: WaitTimes;
  /** Keeps the orders that wait for something that is away. */
  readonly waitingRoom: WaitingRoom;
  /** Whether the chain still shows the newest finalized orders. */
  readonly remembered: RememberedOrders;
  /** Whether the chain shows transactions that the database ought to know and does not. */
  readonly unknown: StartQuestion;
}
