import { formatPrice, readAmount } from '../../domain/amount.ts';
import type { OrderEvent, OrderEventData, QuoteRecord } from '../../domain/order-event.ts';
import type { PriceMove } from '../../domain/price-move.ts';

type DialectStatus = 'pending' | 'routing' | 'building' | 'submitted' | 'confirmed' | 'failed';

/** What the dialects tell about an event, each in its own words. Null where not known, or of no meaning there. */
export interface Progress {
  readonly orderId: string;
  readonly status: DialectStatus;
  readonly timestamp: string;
  /** `pending` of an order that rests: it was accepted, or a firing came to nothing. */
  readonly isResting: boolean;
  /** A sentence for a person; with `building` the routing decision. */
  readonly message: string;
  /** Number of the try, 0 before the first. */
  readonly attempt: number;
  /** Number of the try before this event: of the one that failed, where a further one follows. */
  readonly attemptBefore: number;
  /** The next try begins after this long; only where an earlier one failed. */
  readonly backoffMs: number | null;
  /** Venue of the route; several are joined by "+". */
  readonly venue: string | null;
  /** tokenOut per tokenIn: of the route, and of each venue's best offer. */
  readonly quotedPrice: string | null;
  readonly venuePrices: ReadonlyMap<string, string>;
  /** Of the try's transaction, from submitted on. */
  readonly signature: string | null;
  readonly executedPrice: string | null;
  /** Why the order, or its last try, failed. */
  readonly reason: string | null;
  /** Where the price moved beyond the tolerance. */
  readonly priceMove: PriceMove | null;
}

export const NO_PRICES: ReadonlyMap<string, string> = new Map();

/**
 * Follows one order's events from the first one on. Undefined for an event that no dialect has a word for.
 *
 * @param nameOf What the clients call an exchange; as the engine does if absent.
 */
export function followProgress(
  nameOf: (exchange: string) => string = (exchange) => exchange,
): (event: OrderEvent) => Progress | undefined {
  let known = { attempt: 0, venue: null as string | null, signature: null as string | null };
  return (event) => {
    const told = describe(event, nameOf);
    if (!told) return undefined;
    const attemptBefore = known.attempt;
    const { attempt = known.attempt, venue = known.venue, signature = known.signature } = told;
    known = { attempt, venue, signature };
    const { orderId, timestamp } = event;
    return {
      orderId,
      timestamp,
      isResting: false,
      backoffMs: null,
      quotedPrice: null,
      venuePrices: NO_PRICES,
      executedPrice: null,
      reason: null,
      priceMove: null,
      ...told,
      ...known,
      attemptBefore,
    };
  };
}

type Told = Pick<Progress, 'status' | 'message'> & Partial<Progress>;

function describe(event: OrderEvent, nameOf: (exchange: string) => string): Told | undefined {
  switch (event.type) {
    case 'order.pending':
      return { status: 'pending', message: 'Order received.' };
    case 'order.opened':
      return describeOpened(event.data);
    case 'order.routing':
      return describeRouting(event.data);
    case 'order.building':
      return describeDecision(event.data, nameOf);
    case 'order.submitted': {
      const { signature } = event.data;
      return { status: 'submitted', message: `Transaction ${signature} is sent.`, signature };
    }
    case 'order.confirmed': {
      const { signature, executedPrice, amountIn, amountOut } = event.data;
      const message = `Swapped ${amountIn} for ${amountOut}, price ${executedPrice}.`;
      return { status: 'confirmed', message, signature, executedPrice };
    }
    case 'order.reorged':
      return {
        status: 'submitted',
        message: 'A fork dropped the block; the same transaction is sent again.',
      };
    case 'order.failed':
      return {
        status: 'failed',
        message: event.data.reason,
        reason: event.data.reason,
        priceMove: event.data.priceMove ?? null,
      };
    case 'order.canceled':
    case 'order.expired': {
      // The dialects have no word for these ends; the reason tells them apart.
      const reason = `${event.type === 'order.expired' ? 'Expired' : 'Canceled'}: ${event.data.reason}`;
      return { status: 'failed', message: reason, reason };
    }
    default:
      return undefined;
  }
}

/** The dialects have no word for an order that waits for its price. */
function describeOpened({ cause }: OrderEventData['order.opened']): Told {
  const blank = { status: 'pending', isResting: true, attempt: 0, venue: null, signature: null } as const;
  if (!cause) return { ...blank, message: 'Waiting for its price.' };
  const { reason, priceMove = null } = cause;
  return { ...blank, message: `${reason} Waiting for its price again.`, reason, priceMove };
}

/** A new try knows neither its venue nor its transaction. */
function describeRouting({ try: attempt, backoffMs, cause }: OrderEventData['order.routing']): Told {
  const blank = { status: 'routing', attempt, venue: null, signature: null } as const;
  if (!cause) return { ...blank, message: `Comparing the venues' prices, attempt ${attempt}.` };
  const message = `${cause.reason} Attempt ${attempt} follows in ${backoffMs ?? 0} ms.`;
  return {
    ...blank,
    message,
    backoffMs: backoffMs ?? 0,
    reason: cause.reason,
    priceMove: cause.priceMove ?? null,
  };
}

function describeDecision(
  { quotes, route, quotedPrice }: OrderEventData['order.building'],
  nameOf: (exchange: string) => string,
): Told {
  const venue = exchangesOf(
    route.legs.map((leg) => leg.venue),
    nameOf,
  );
  const venuePrices = bestPriceOfVenues(quotes);
  const compared = [...venuePrices].map(([name, price]) => `${nameOf(name)} ${price}`);
  const pair = `${route.legs.at(-1)?.tokenOut} per ${route.legs[0]?.tokenIn}`;
  const message = `Chose ${venue} at ${quotedPrice} ${pair} (${compared.join(', ')}).`;
  return { status: 'building', message, venue, quotedPrice, venuePrices };
}

const WIDEST_DECIMALS = 18; // Of any token; both sides are read with it, so it cancels out of the price.

/** These clients know exchanges, not their programs: `meteora-dlmm` is `meteora` to them. */
const exchangeOf = (venue: string): string => venue.split('-')[0] ?? venue;

/** The exchanges of a route, each once, joined by "+". */
export const exchangesOf = (
  venues: readonly string[],
  nameOf: (exchange: string) => string = (exchange) => exchange,
): string => [...new Set(venues.map(exchangeOf))].map(nameOf).join('+');

/** Best price that each exchange offered; those without an offer are left out. */
function bestPriceOfVenues(quotes: readonly QuoteRecord[]): ReadonlyMap<string, string> {
  const best = new Map<string, { behind: bigint; price: string }>();
  for (const quote of quotes) {
    if (quote.outcome === 'unavailable') continue;
    const behind = readAmount(quote.behindBestBps, 2);
    const [amountIn, amountOut] = [quote.amountIn, quote.amountOut].map((text) =>
      readAmount(text, WIDEST_DECIMALS),
    );
    const sides = { amountIn: amountIn ?? 0n, amountOut: amountOut ?? 0n };
    const price = formatPrice({ ...sides, decimalsIn: WIDEST_DECIMALS, decimalsOut: WIDEST_DECIMALS });
    const exchange = exchangeOf(quote.venue);
    const soFar = best.get(exchange);
    if (price !== null && (!soFar || behind < soFar.behind)) best.set(exchange, { behind, price });
  }
  return new Map([...best].map(([venue, { price }]) => [venue, price]));
}
