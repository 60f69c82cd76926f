import type { BaseUnits } from '../../domain/amount.ts';
import { usualMoveBps } from '../../domain/auto-slippage.ts';
import { ONE_HUNDRED_PERCENT_BPS } from '../../domain/basis-points.ts';
import { ComputeUnitTable, type KnownUnits, MAX_SAMPLE_AGE_MS } from '../../domain/compute-unit-table.ts';
import { type Moment, NEVER } from '../../domain/moment.ts';
import type { Order, OrderId } from '../../domain/order.ts';
import type { Quote, Route } from '../../domain/quote.ts';
import { routeLimits } from '../../domain/route-limits.ts';
import type { Signature } from '../../domain/signature.ts';
import type { Mint } from '../../domain/token.ts';
import type { MessageParts } from '../../ports/chain.ts';
import { MAX_COMPUTE_UNITS } from '../../ports/chain-limits.ts';
import { msSince } from '../../ports/clock.ts';
import type { WithMarket } from '../market/market-watch.ts';
import { repeatEvery } from '../waiting/repeat-every.ts';
import { type Spender, WalletFunds } from './wallet-funds.ts';

/** The chosen offer, its message and the order's limit. */
export interface BuiltSwap {
  readonly quote: Quote;
  /** Of the whole order: least output, or (exactOut) most input. Base units. */
  readonly limitAmount: BaseUnits;
  readonly parts: MessageParts;
}

export interface WithRehearsals extends WithMarket {
  readonly rehearsals: Rehearsals;
}

const MAX_REMEMBERED = 10_000;
/** With more orders that may spend, adding up their needs costs an order more than its rehearsal. */
const MAX_SPENDERS = 64;

/** The orders with an open attempt. */
interface OpenOrders {
  count(): number;
  orders(): readonly Spender[];
}

/**
 * Decides which swaps need no rehearsal: their compute units are known from earlier swaps of the same shape, and nothing else
 * that a rehearsal would show is in doubt. docs/execution.md has the conditions.
 */
export class Rehearsals {
  readonly #ports: WithMarket;
  readonly #open: OpenOrders;
  readonly #table: ComputeUnitTable;
  readonly #funds: WalletFunds;
  readonly #building = new Map<OrderId, Order>();
  /** Shapes of signed swaps that the chain has not decided yet. */
  readonly #shapes = new Map<Signature, string>();
  #builtAt: Moment = NEVER;

  constructor(ports: WithMarket, open: OpenOrders) {
    this.#ports = ports;
    this.#open = open;
    this.#table = new ComputeUnitTable({
      leastSamples: ports.limits.leastRehearsals,
      mostUnits: MAX_COMPUTE_UNITS,
    });
    this.#funds = new WalletFunds(ports, ports.market.time, () => [
      ...this.#building.values(),
      ...open.orders(),
    ]);
  }

  /** Reads the wallet once per slot while orders come, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, chain, log, limits } = this.#ports;
    const step = async (): Promise<void> => {
      if (limits.rehearse === 'always' || msSince(clock, this.#builtAt) > MAX_SAMPLE_AGE_MS) return;
      await this.#funds.read().catch((error: unknown) => log.debug({ error }, 'wallet not read'));
    };
    await repeatEvery({ clock }, signal, limits.observeMs, step, undefined, (hear) => chain.onSlot(hear));
  }

  /** The order may spend from the wallet until the returned function is called. */
  begin(order: Order): () => void {
    const { orderId } = order.request;
    this.#builtAt = this.#ports.clock.moment();
    this.#building.set(orderId, order);
    return () => this.#building.delete(orderId);
  }

  /** What decides the swap's compute units; null while the wallet's accounts are not known. */
  shapeOf({ quote, parts }: BuiltSwap): string | null {
    const { holdings } = this.#funds;
    return holdings && shapeOf(quote.route, parts, (mint) => holdings.tokens.has(mint));
  }

  /** What swaps of this shape are known to use, if this one needs no rehearsal; otherwise null. */
  skips(order: Order, swap: BuiltSwap, shape: string | null): KnownUnits | null {
    const { market, limits, clock } = this.#ports;
    if ((order.request.rehearse ?? limits.rehearse) === 'always') return null;
    if (this.#building.size + this.#open.count() > MAX_SPENDERS) return null;
    // A failure of an earlier try, or a wait, leaves doubts that only a rehearsal ends.
    const isFirst = order.tryNumber === 1 && order.attemptNumber === 0 && order.waitSinceMs === null;
    const { slot, readAt } = swap.quote;
    const isOfNow =
      slot + 1n >= market.time.slots.newest &&
      (readAt === undefined || msSince(clock, readAt) <= (market.time.slots.eachMs ?? 0));
    if (shape === null || !isFirst || !isOfNow || !this.#isOfOwnPools(swap.quote)) return null;
    // A narrower limit may be broken already by trades since the quote, which a rehearsal sees.
    if (toleranceBps(order, swap) < usualMoveBps(swap.quote, market.prices)) return null;
    const known = this.#table.known(shape, clock.moment());
    return known && this.#funds.suffice(order, swap.limitAmount) ? known : null;
  }

  /** A simulation of a swap of this shape used so many units. */
  learn(shape: string | null, units: number): void {
    if (shape !== null) this.#table.note(shape, units, this.#ports.clock.moment());
  }

  /** A swap of this shape is signed; what the chain decides is told by its signature. */
  follow(signature: Signature, shape: string | null): void {
    if (shape !== null) this.#shapes.set(signature, shape);
    const [oldest] = this.#shapes.keys();
    if (this.#shapes.size > MAX_REMEMBERED && oldest !== undefined) this.#shapes.delete(oldest);
  }

  /** @param units What the transaction used; undefined if the node does not say, null if it reverted. */
  decided(signature: Signature, units: number | undefined | null): void {
    const shape = this.#shapes.get(signature);
    this.#shapes.delete(signature);
    if (shape === undefined || units === undefined) return;
    if (units === null) this.#table.forget(shape);
    else this.#table.note(shape, units, this.#ports.clock.moment());
  }

  /** Whether the engine reads all pools of the route itself. A venue that builds its own routes is not asked to prove them here. */
  #isOfOwnPools({ venue, route }: Quote): boolean {
    const venueOf = (name: string) => this.#ports.venues.find((one) => one.name === name);
    return !venueOf(venue)?.routeInstructions && route.legs.every((leg) => venueOf(leg.venue)?.market);
  }
}

/** How far the limit is from the quote, basis points, rounded up: the limit itself is rounded towards the quote. */
function toleranceBps({ request }: Order, { quote: { route }, limitAmount }: BuiltSwap): number {
  const { maxAmountIn, minAmountOut } = routeLimits(request, route, limitAmount);
  const [distance, whole] =
    request.swapMode === 'exactOut'
      ? [maxAmountIn - route.amountIn, route.amountIn]
      : [route.amountOut - minAmountOut, route.amountOut];
  return Number((distance * BigInt(ONE_HUNDRED_PERCENT_BPS) + whole - 1n) / whole);
}

/**
 * What decides how many compute units a swap uses: its instructions by program and size (wrapping, receipt and lookup tables
 * among them), its pools in their order and direction, which of the wallet's accounts it creates, and the magnitude of its
 * amount, since a larger swap crosses more ticks and bins.
 */
function shapeOf(
  { legs, amountIn }: Route,
  { instructions, receipt, lookupTables = [] }: MessageParts,
  has: (mint: Mint) => boolean,
): string {
  return JSON.stringify([
    instructions.map(({ programAddress, accounts, data }) => [programAddress, accounts.length, data.length]),
    legs.map(({ pool, tokenIn, tokenOut }) => [pool, tokenIn.mint, has(tokenIn.mint), has(tokenOut.mint)]),
    receipt !== undefined,
    lookupTables.length,
    amountIn.toString(2).length,
  ]);
}
