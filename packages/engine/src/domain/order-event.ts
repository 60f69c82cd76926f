import type { AutoSlippage } from './auto-slippage.ts';
import type { Failure } from './failure.ts';
import type { OrderId } from './order.ts';
import type { OrderStatus } from './order-status.ts';
import type { PriceField } from './order-type.ts';
import type { QuoteRefusalCode } from './quote.ts';
import type { ExecutionGuard } from './receipt.ts';
import type { Amendment, PriceSource } from './trigger-terms.ts';
import type { WaitCause } from './waiting.ts';

/**
 * What each event carries, in wire form: amounts and prices are decimal strings in token units.
 * The same object stands in the log, in REST, in streams and in webhooks. `EVENT_DATA` of the contract describes the same
 * fields to clients; a test compiles only while both agree.
 *
 * An event is kept and shown as it was written, by whichever version wrote it. So one rule holds for all readers: a field
 * that a later version added is absent in older events, it is optional here, and what would follow from it is not known:
 * null where it is shown. No field changes its meaning or goes away.
 */
export interface OrderEventData {
  /**
   * The order is accepted and durable. From `expiresAt` on the engine signs nothing for it. With `heldUntil` it starts when its
   * client's stream connects, and expires at that time if none did. `dialect` names the interface that it came through,
   * unless that was the canonical one. `simulate` is the failure that it asked for.
   */
  'order.pending': {
    readonly expiresAt?: string;
    readonly heldUntil?: string;
    readonly dialect?: string;
    readonly simulate?: { readonly scenario: string; readonly seed: string };
  };
  /**
   * The order rests until its condition holds: from acceptance on, or again, because a firing came to nothing for the market's
   * reasons (`cause`). After one that the chain reverted it is not judged until `pausedUntil`.
   */
  'order.opened': { readonly cause?: Failure; readonly pausedUntil?: string };
  /** The condition `by` holds. The `routing` of its try follows in the same commit, but where a stopLimit's stop fired: it rests on, for its limit. */
  'order.triggered': {
    readonly by: TriggeredBy;
    /** Counts the tries of its swap, from 1; absent where none follows. */
    readonly firing?: number;
    /** tokenOut per tokenIn, at zero size after fees; absent where a time fired. */
    readonly price?: string;
    readonly source?: PriceSource;
    /** Of the accounts behind the price. */
    readonly slot?: string;
  };
  /** The user changed prices, amount or expiry while the order was open. Of a limit, the floor or ceiling that follows is told too. */
  'order.amended': Amendment;
  /** Try `try` begins, after `backoffMs` when an earlier try failed with `cause`. */
  'order.routing': {
    readonly try: number;
    readonly backoffMs?: number;
    readonly cause?: Failure;
    /**
     * The try restarts with nothing in flight: its worker died, its wait ended, the venue of the chosen offer was unavailable
     * to build it (`cause`), or no node accepted its transaction before its blockhash expired (`cause`).
     */
    readonly interrupted?: true;
    /** Venues whose offers failed in earlier tries; the engine leaves them out while another venue offers. */
    readonly leftOut?: readonly string[];
    /** The order's new limit, from the best of the other offers of that round, if a failed offer had fixed the old one. */
    readonly limit?: LimitRecord;
  };
  /**
   * Something other than the market keeps the order from going on: its status stays, and no try is spent. It goes on when
   * that is back, with `building`, or the next `routing`, and expires at `until` otherwise.
   */
  'order.waiting': {
    readonly cause: WaitCause;
    readonly reason: string;
    readonly since: string;
    readonly until: string;
  };
  /** A route is chosen. `minAmountOut` (not of exactOut) and `maxAmountIn` (not of exactIn) are enforced on chain. */
  'order.building': LimitRecord & {
    readonly quotes: readonly QuoteRecord[];
    readonly route: RouteRecord;
    /** The tolerance that the engine chose for an order that left it to the engine; with the choice that fixed the limit. */
    readonly autoSlippage?: AutoSlippage;
    readonly quotedPrice: string;
    /** Duration of the round of quotes. */
    readonly quotesMs: number;
  };
  /** Attempt recorded; it may be in flight from now on. */
  'order.submitted': {
    readonly attemptNumber: number;
    readonly signature: string;
    /** Block height, as a decimal string. */
    readonly lastValidBlockHeight: string;
    /** Of orders that ask for `strict`: what guards this attempt; `protocol` where its bytes leave no room for a receipt. */
    readonly executionGuard?: ExecutionGuard;
    /** Why the attempt has no receipt. */
    readonly guardFallback?: string;
    /** The swap was not rehearsed: the most units that earlier swaps like it used, how many swaps, and the age of the last one. */
    readonly computeUnits?: {
      readonly source: 'table';
      readonly units: number;
      readonly samples: number;
      readonly ageMs: number;
      /** What the transaction may use: `units` with a margin. Absent in older events. */
      readonly limit?: number;
    };
    /** The database had lost this attempt; it was found on the chain. */
    readonly recovered?: true;
  };
  'order.confirmed': FillRecord;
  'order.failed': Failure;
  /** Ended by the user, with proof that nothing can land any more. */
  'order.canceled': { readonly reason: string };
  'order.expired': { readonly reason: string };
  /** The user asked to cancel while an attempt was open: the chain decides between confirmed and canceled. */
  'order.cancel_requested': Record<string, never>;
  /** No node's history can prove the order's outcome any more: an operator must decide, or a node with more history. */
  'order.review_needed': { readonly reason: string };
  /** An operator decided, with evidence. The event that applies the decision follows in the same commit. */
  'order.reviewed': ReviewRecord;
  /**
   * The exact amounts, read again at commitment `finalized`, from another node where there is one. `corrects` names the fields
   * whose values in `order.confirmed` were wrong.
   */
  'order.finalized': FillRecord & { readonly corrects?: readonly string[] };
  /** A fork dropped the block of `signature`; the same bytes are sent again. */
  'order.reorged': { readonly signature: string; readonly slot: string };
}

/** Which condition of an order came to hold. */
export type TriggeredBy = PriceField | 'startAt';

export interface LimitRecord {
  readonly minAmountOut?: string;
  readonly maxAmountIn?: string;
  /** partialFill: the price of the order's floor, as what the whole `amountIn` would have to bring. `minAmountOut` is its share. */
  readonly wholeMinAmountOut?: string;
}

export interface FillRecord {
  readonly signature: string;
  readonly slot: string;
  readonly amountIn: string;
  readonly amountOut: string;
  readonly executedPrice: string;
  /** partialFill: what of the order's `amountIn` was not spent, and is in the wallet; "0" where all was. */
  readonly unfilledAmountIn?: string;
  /**
   * In SOL, none negative. `rent` is what stayed in newly created accounts, `rentRefunded` what came back beside the swap. Events
   * of earlier versions have no `rentRefunded`, but a negative `rent` (`rentOf`).
   */
  readonly fees: { readonly network: string; readonly rent: string; readonly rentRefunded?: string };
  /**
   * What a route over other tokens left in the wallet: a leg spends what the legs before it had to deliver, and this is
   * what they delivered beyond that. SOL among it is unwrapped in the same transaction. Absent where nothing is left.
   */
  readonly dust?: readonly { readonly token: string; readonly amount: string }[];
}

/** notLanded: no transaction of the order has landed or can land; landed: the open attempt moved the amounts of its fill. */
export type ReviewDecision = 'notLanded' | 'landed';

export interface ReviewRecord {
  readonly decision: ReviewDecision;
  /** Who decided. */
  readonly operator: string;
  /** Evidence for the decision. */
  readonly evidence: string;
}

export interface RouteRecord {
  readonly amountIn: string;
  readonly amountOut: string;
  readonly legs: readonly LegRecord[];
}

export interface LegRecord {
  readonly venue: string;
  readonly pool: string;
  readonly poolKind: string;
  readonly tokenIn: string;
  readonly tokenOut: string;
  readonly amountIn: string;
  readonly amountOut: string;
  /** Null where the venue does not tell it. */
  readonly fee: string | null;
  readonly feeToken: string;
}

/** A candidate with its place in the comparison: chosen, or why it lost or did not answer. */
export type QuoteRecord =
  | {
      readonly venue: string;
      readonly pool: string;
      readonly outcome: 'chosen' | 'lost';
      readonly amountIn: string;
      readonly amountOut: string;
      /** The amount at the current price after fees, without price impact: output of the input, input of an exact output. */
      readonly spotAmount?: string;
      readonly priceImpactBps: number;
      /** Distance to the chosen quote in hundredths of a percent; 0 for the chosen one. */
      readonly behindBestBps: string;
      /** Absent in events from before there were routes: then it was one pool of `venue`. */
      readonly legs?: readonly LegRecord[];
      readonly reason: string;
      /** Slot of the pool data behind the quote. */
      readonly slot: string;
      /** How old those accounts were when the answer came, in slots and milliseconds; null where the venue does not say. */
      readonly slotsBehind?: number;
      readonly ageMs?: number | null;
      readonly answerMs: number;
    }
  | {
      readonly venue: string;
      readonly pool: string | null;
      readonly outcome: 'unavailable';
      readonly code: QuoteRefusalCode;
      readonly reason: string;
      readonly answerMs: number;
    };

export type OrderEventType = keyof OrderEventData;

/** A fact about one order. `sequence` counts from 1 without a gap; content never changes. */
export type OrderEvent = {
  [T in OrderEventType]: {
    readonly orderId: OrderId;
    readonly sequence: number;
    readonly type: T;
    /** The order's status after the event. */
    readonly status: OrderStatus;
    /** RFC 3339, UTC. */
    readonly timestamp: string;
    readonly data: OrderEventData[T];
  };
}[OrderEventType];

/** An event with its place in its account's stream, which counts from 1 without a gap. */
export interface AccountEvent {
  readonly position: number;
  readonly event: OrderEvent;
}

/** Events after which an order may have begun to rest, rest on other terms, or rest no more without having fired. */
export const RESTING_CHANGES = [
  'order.opened',
  'order.amended',
  'order.canceled',
  'order.expired',
] as const satisfies readonly OrderEventType[];

/** An event before it has its place in the log. */
export type EventDraft = {
  [T in OrderEventType]: { readonly type: T; readonly data: OrderEventData[T] };
}[OrderEventType];
