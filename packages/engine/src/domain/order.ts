import type { BaseUnits } from './amount.ts';
import type { BasisPoints } from './basis-points.ts';
import type { Branded } from './brand.ts';
import type { Failure } from './failure.ts';
import type { OrderStatus } from './order-status.ts';
import type { OrderType } from './order-type.ts';
import type { SwapMode } from './quote.ts';
import type { ExecutionGuard } from './receipt.ts';
import type { Signature } from './signature.ts';
import type { EpochMs } from './timestamp.ts';
import type { Token } from './token.ts';
import type { Amendment, TimeInForce, TriggerTerms } from './trigger-terms.ts';
import type { WaitCause } from './waiting.ts';

/** UUIDv7: sorts by creation. */
export type OrderId = Branded<string, 'OrderId'>;
export const toOrderId = (uuid: string): OrderId => uuid as OrderId;

/** Owner of orders; one account until tenants exist. */
export type AccountId = Branded<string, 'AccountId'>;
export const toAccountId = (name: string): AccountId => name as AccountId;

/** always: every swap is simulated before it is signed. auto: not where earlier swaps like it show what a simulation would. */
export type RehearsalMode = 'always' | 'auto';

/** The user's request. Immutable from acceptance on, but for what the user amends while the order is open (`order.amended`). */
export interface OrderRequest {
  readonly orderId: OrderId;
  readonly accountId: AccountId;
  readonly clientOrderId: string | null;
  readonly type: OrderType;
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  readonly swapMode: SwapMode;
  /** Base units of tokenOut when exactOut, of tokenIn otherwise: the most of it when partialFill. */
  readonly amount: BaseUnits;
  /** `auto`: the engine chooses with the first quote, and says why. */
  readonly slippageBps: BasisPoints | 'auto';
  /** Maximum price impact of the order; null for the engine's. */
  readonly maxPriceImpactBps: BasisPoints | null;
  /**
   * The user's own floor, base units of tokenOut; null when only slippage protects. Not of exactOut. Of a partialFill it is
   * the floor for the whole amount, and a part has to bring its share of it.
   */
  readonly minAmountOut: BaseUnits | null;
  /** The user's own ceiling, base units of tokenIn; null when only slippage protects. exactOut only. */
  readonly maxAmountIn: BaseUnits | null;
  readonly executionGuard: ExecutionGuard;
  /** Absent: as configured. */
  readonly rehearse?: RehearsalMode;
  /** The prices that it waits for; absent: it waits for none. */
  readonly trigger?: TriggerTerms;
  /** Absent where `trigger` is. */
  readonly timeInForce?: TimeInForce;
  /** Nothing is judged or signed before this time; absent: at once. Epoch milliseconds. */
  readonly startAtMs?: EpochMs;
  /** Name of the interface that it was submitted through; null for the canonical one. Only the API reads it. */
  readonly dialect: string | null;
  /** Starts when its client's stream connects, and expires if none did by then; null: starts at once. Epoch milliseconds. */
  readonly heldUntilMs: EpochMs | null;
  /** No transaction is signed from then on; null: none after it has waited for `maxWaitMs`. Epoch milliseconds. */
  readonly expiresAtMs: EpochMs | null;
  /**
   * What the best price that was known at acceptance made of `amount` at zero size: output, or (exactOut) input. Base units;
   * null where no price was known. It protects an order that has to wait before its first quote.
   */
  readonly seenAmount: BaseUnits | null;
  /** Epoch milliseconds. */
  readonly createdAtMs: EpochMs;
}

/** What the events of an order that rests have told. */
export interface Resting {
  /** How often it fired, so that its swap was tried. */
  readonly firings: number;
  /** A stopLimit whose stop fired: it waits for its limit now. */
  readonly stopFired: boolean;
  /** It is not judged before this time: a pause after a firing that the chain reverted. Null: no pause. Epoch milliseconds. */
  readonly pausedUntilMs: EpochMs | null;
  /** What the user amended; the request has it already. */
  readonly amended: Amendment;
}

/** The moved amounts, read from the transaction. */
export interface Fill {
  readonly amountIn: BaseUnits;
  readonly amountOut: BaseUnits;
  readonly fees: FillFees;
}

/** The wallet's costs besides the swap, lamports. */
export interface FillFees {
  readonly networkLamports: BaseUnits;
  /** Rent left in accounts that the transaction created. */
  readonly rentLamports: BaseUnits;
  /** Lamports that came back beside the swap; not zero only where the rent is zero: what is known is the sum. */
  readonly rentRefundedLamports: BaseUnits;
}

/** The current order: its request and the state from its events (`applyEvent`). */
export interface Order {
  /** As amended. */
  readonly request: OrderRequest;
  readonly status: OrderStatus;
  /** Sequence of the last event. */
  readonly sequence: number;
  /** Number of the current try, 0 before the first; of an order that rests it counts from its last firing. */
  readonly tryNumber: number;
  /** Number of the last recorded attempt, 0 before the first. */
  readonly attemptNumber: number;
  /** Fixed by the first chosen quote, of an order that rests by that of each firing; never relaxed: least output (partialFill: of the whole amount) or most input (exactOut). */
  readonly limitAmount: BaseUnits | null;
  /** Venue of the current route; several are joined by "+". */
  readonly venue: string | null;
  /** tokenOut per tokenIn of the current route. */
  readonly quotedPrice: string | null;
  readonly signature: Signature | null;
  readonly slot: bigint | null;
  readonly fill: Fill | null;
  readonly executedPrice: string | null;
  readonly failure: Failure | null;
  /** The user asked to cancel while an attempt was open: no other attempt starts, the chain decides about this one. */
  readonly cancelRequested: boolean;
  /** No node's history can prove the outcome: the engine signs nothing until the chain or an operator has decided. */
  readonly needsReview: boolean;
  /** A fork dropped the confirmed block; the same bytes are being sent again. */
  readonly reorged: boolean;
  readonly finalized: boolean;
  /** Cause of the current wait; null while the order does not wait. */
  readonly waitingFor: WaitCause | null;
  /** Start of the wait; null if the order has not waited since the last transaction that a node accepted. Epoch milliseconds. */
  readonly waitSinceMs: EpochMs | null;
  /** Venues whose offers to this order failed; left out while another venue offers. */
  readonly leftOut: readonly string[];
  /** Null of an order that never rests. */
  readonly resting: Resting | null;
  readonly updatedAtMs: EpochMs;
}
