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
import { WalletFunds } from './wallet-funds.ts';
import type { Spender } from './wallet-needs.ts';

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
/** Of Solana. Where slots are shorter, the accounts behind a quote may be as many slots old as one of these takes. */
const SLOT_MS = 400;

/**
 * Decides which swaps need no rehearsal: their compute units are known from earlier swaps of the same shape, and nothing else
 * that a rehearsal would show is in doubt. docs/execution.md has the conditions.
 */
export class Rehearsals {
  readonly #ports: WithMarket;
  readonly #table: ComputeUnitTable;
  readonly #funds: WalletFunds;
  readonly #building = new Map<OrderId, Order>();
  /** Shapes of signed swaps that the chain has not decided yet. */
  readonly #shapes = new Map<Signature, string>();
  #builtAt: Moment = NEVER;

  /** @param openOrders The orders with an open attempt. */
  constructor(ports: WithMarket, openOrders: () => readonly Spender[]) {
    this.#ports = ports;
    this.#table = new ComputeUnitTable({
      leastSamples: ports.limits.leastRehearsals,
      mostUnits: MAX_COMPUTE_UNITS,
    });
    this.#funds = new WalletFunds(ports, () => [...this.#building.values(), ...openOrders()]);
  }

  /** Reads the wallet if orders may need no rehearsal. Does not reject. */
  async readWallet(): Promise<void> {
    const { clock, log, limits } = this.#ports;
    if (limits.rehearse === 'always' || msSince(clock, this.#builtAt) > MAX_SAMPLE_AGE_MS) return;
    await this.#funds.read().catch((error: unknown) => log.debug({ error }, 'wallet not read'));
  }

  /** The order may spend from the wallet until the returned function is called. */
  begin(order: Order): () => void {
    const { orderId } = order.request;
    this.#builtAt = this.#ports.clock.moment();
    this.#building.set(orderId, order);
    this.#funds.note(order);
    if (!this.#funds.holdings) void this.readWallet();
    return () => this.#building.delete(orderId);
  }

  /** An attempt that this process has not built may spend from the wallet. */
  noteOpen(spender: Spender): void {
    this.#funds.note(spender);
  }

  /** What decides the swap's compute units; null while the wallet's accounts are not known. */
  shapeOf({ quote, parts }: BuiltSwap): string | null {
    const { holdings } = this.#funds;
    return holdings && shapeOf(quote.route, parts, (mint) => holdings.tokens.has(mint));
  }

  /** What swaps of this shape are known to use, if this one needs no rehearsal; otherwise null. */
  skips(order: Order, swap: BuiltSwap, shape: string | null): KnownUnits | null {
    const { market, limits, clock } = this.#ports;
    if (shape === null || (order.request.rehearse ?? limits.rehearse) === 'always') return null;
    // A failure of an earlier try, or a wait, leaves doubts that only a rehearsal ends.
    const isFirst = order.tryNumber === 1 && order.attemptNumber === 0 && order.waitSinceMs === null;
    if (!isFirst || !this.#isOfOwnPools(swap.quote)) return null;
    const slotsOld = this.#slotsOld(swap.quote);
    // A narrower limit may be broken already by trades since the quote, which a rehearsal sees.
    if (slotsOld === null || toleranceBps(order, swap) < usualMoveBps(swap.quote, market.prices, slotsOld))
      return null;
    const known = this.#table.known(shape, clock.moment());
    return known && this.#funds.suffice(order) ? known : null;
  }

  /** Slots since the accounts behind a quote were read, rounded up; null if too many, or if that cannot be told. */
  #slotsOld({ slot, readAt }: Quote): number | null {
    const { market, clock } = this.#ports;
    const { newest, eachMs } = market.time.slots;
    const slotsBehind = Math.max(0, Number(newest - slot));
    const ageMs = readAt === undefined ? 0 : msSince(clock, readAt);
    if (eachMs === null && ageMs > 0) return null;
    const slotMs = eachMs ?? SLOT_MS;
    const mostSlots = Math.max(1, Math.floor(SLOT_MS / slotMs));
    // Accounts of the slot before are read at its beginning, so they are up to two slots old.
    const isOfNow = slotsBehind <= mostSlots && ageMs <= 2 * Math.max(slotMs, SLOT_MS);
    return isOfNow ? Math.max(slotsBehind, Math.ceil(ageMs / slotMs)) : null;
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
