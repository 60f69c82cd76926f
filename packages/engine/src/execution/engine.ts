import type { Observer } from './attempts/observe-attempts.ts';
import type { WithRehearsals } from './building/rehearsals.ts';
import type { RememberedOrders } from './proofs/remembered-orders.ts';
import type { StartQuestion } from './proofs/start-question.ts';
import type { AccountTails } from './streams/account-tails.ts';
import type { WaitTimes } from './waiting/wait-times.ts';
import type { WaitingRoom } from './waiting/waiting-room.ts';

/** The ports, the engine's memory of the market and of its swaps, and the observers of what orders wait for. */
export interface Engine extends WithRehearsals {
  /** Watches recorded attempts until the chain has decided them. */
  readonly observer: Observer;
  /** How long orders have waited, as this process measures it. */
  readonly waits: WaitTimes;
  /** Remembers the orders that wait for an unavailable chain or venue. */
  readonly waitingRoom: WaitingRoom;
  /** Streams of an account that have its newest event and wait for the next. */
  readonly tails: AccountTails;
  /** Whether the chain still shows the newest finalized orders. */
  readonly remembered: RememberedOrders;
  /** Whether the chain shows transactions that the database should have but lacks. */
  readonly unknown: StartQuestion;
}
