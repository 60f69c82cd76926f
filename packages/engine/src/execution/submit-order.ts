import { roundDecimals } from '../domain/amount.ts';
import { newOrder } from '../domain/apply-event.ts';
import { areConnected } from '../domain/are-connected.ts';
import { type Order, type OrderId, type OrderRequest, toOrderId } from '../domain/order.ts';
import { isEverDue } from '../domain/order-status.ts';
import type { ExecutionGuard } from '../domain/receipt.ts';
import { type EpochMs, timeAfter } from '../domain/timestamp.ts';
import type { Token } from '../domain/token.ts';
import { rests } from '../domain/trigger-terms.ts';
import { chooseGuard } from './market/choose-guard.ts';
import { findToken } from './market/find-token.ts';
import type { WithMarket } from './market/market-watch.ts';
import type { Ports } from './ports.ts';
import { readAmountField, readPrices } from './read-fields.ts';
import { alreadyExpired, refused, type SubmitRefusal, unknownToken } from './refusals.ts';

/** Fields of an order's request that a submission may lack, and what they are then. */
const ABSENT = { maxPriceImpactBps: null, dialect: null, expiresAtMs: null } as const;

/** What acceptance adds to an order's request. */
type Added = 'orderId' | 'heldUntilMs' | 'seenAmount' | 'createdAtMs';

/** Fields of an order's request that the user gives as they are stored. */
type AsAsked = Omit<OrderRequest, keyof SwapTerms | 'executionGuard' | Added>;

/** A submission whose shape was checked at the edge; its meaning is checked here. */
export interface SubmitRequest
  extends Omit<AsAsked, keyof typeof ABSENT>,
    Partial<Pick<AsAsked, keyof typeof ABSENT>> {
  /** Symbol or mint. */
  readonly tokenIn: string;
  readonly tokenOut: string;
  /** Decimal: of tokenOut when exactOut, of tokenIn otherwise. */
  readonly amount: string;
  /** Decimal of tokenOut; not of exactOut. */
  readonly minAmountOut: string | null;
  /** Decimal of tokenIn; exactOut only. */
  readonly maxAmountIn: string | null;
  /**
   * Amounts whose extra digits beyond the token's decimals come from floating-point arithmetic: `amount` is cut off and
   * `minAmountOut` rounded up. Extra digits in other amounts are refused. None if absent.
   */
  readonly rounded?: readonly ('amount' | 'minAmountOut')[];
  /** Absent: as configured. */
  readonly executionGuard?: ExecutionGuard;
  /** The order waits this long for its client's stream to start it, and expires without one; absent: starts at once. */
  readonly holdMs?: number;
  /** A failure scenario for its transactions; local chain only. */
  readonly simulate?: { readonly scenario: string; readonly seed: string };
  readonly idempotencyKey: string | null;
  /** Equal for equal bodies. */
  readonly fingerprint: string;
}

export type SubmitResult =
  | { readonly outcome: 'created' | 'existing'; readonly order: Order }
  | {
      readonly outcome: 'conflict';
      readonly key: 'idempotencyKey' | 'clientOrderId';
      readonly orderId: OrderId;
    }
  | SubmitRefusal;

/**
 * Accepts one order: when this resolves with `created`, the order and its first event are durable.
 * Repeating it with the same keys gives the same order. A refusal stores nothing.
 */
export async function submitOrder(ports: WithMarket, request: SubmitRequest): Promise<SubmitResult> {
  const checked = await readNewSwap(ports, request);
  if (checked.outcome === 'refused') return checked;
  const swap = { ...checked.terms, swapMode: request.swapMode };
  const { simulate } = request;
  if (simulate && !ports.scenarios) return NO_SCENARIOS;

  const nowMs = ports.clock.now();
  const { order, events } = newOrder(
    {
      orderId: toOrderId(ports.random.uuid()),
      executionGuard: chooseGuard(ports, request.executionGuard, swap),
      heldUntilMs: request.holdMs ? timeAfter(nowMs, request.holdMs) : null,
      seenAmount: rests(request) ? null : ports.market.routes.spotAmount(swap), // Of a price that it may fire at much later.
      createdAtMs: nowMs,
      ...asAsked(request),
      ...checked.terms,
    },
    simulate,
  );
  const keys = { idempotencyKey: request.idempotencyKey, fingerprint: request.fingerprint };
  // A repeated submission gets the answer of the first one, even after its expiry.
  if (hasPassed(order, nowMs)) {
    const earlier = await ports.orders.known(order, keys);
    return earlier && earlier.outcome !== 'created' ? earlier : alreadyExpired(nowMs);
  }
  if (simulate) await ports.scenarios?.arm({ orderId: order.request.orderId, ...simulate });
  const stored = await ports.orders.submit(order, events, keys);
  if (stored.outcome !== 'created') return stored;

  const { position } = stored;
  if (position !== null) ports.bus.publish({ accountId: order.request.accountId, position, events });
  if (order.request.heldUntilMs === null && isEverDue(order.status)) ports.queue.wake(order.request.orderId);
  return { outcome: 'created', order };
}

function asAsked(request: SubmitRequest): AsAsked {
  const { tokenIn, tokenOut, amount, minAmountOut, maxAmountIn, ...rest } = request;
  const { rounded, executionGuard, holdMs, simulate, idempotencyKey, fingerprint, ...asked } = rest;
  return { ...ABSENT, ...asked };
}

/** The requested swap and its limits. */
type SwapTerms = Pick<OrderRequest, 'tokenIn' | 'tokenOut' | 'amount' | 'minAmountOut' | 'maxAmountIn'>;

interface CheckedSwap {
  readonly outcome: 'checked';
  readonly terms: SwapTerms;
}

/** A missing pool may have been launched just now. */
async function readNewSwap(ports: WithMarket, request: SubmitRequest): Promise<CheckedSwap | SubmitRefusal> {
  const tokenIn = await findToken(ports, request.tokenIn);
  if (!tokenIn) return unknownToken('tokenIn', request.tokenIn);
  const tokenOut = await findToken(ports, request.tokenOut);
  if (!tokenOut) return unknownToken('tokenOut', request.tokenOut);
  const swap = readSwap(ports, request, { tokenIn, tokenOut });
  if (swap.outcome === 'checked' || swap.code !== 'no_pool') return swap;
  await ports.market.discover();
  return readSwap(ports, request, { tokenIn, tokenOut });
}

function readSwap(
  ports: Ports,
  request: SubmitRequest,
  { tokenIn, tokenOut }: Pick<SwapTerms, 'tokenIn' | 'tokenOut'>,
): CheckedSwap | SubmitRefusal {
  if (tokenIn.mint === tokenOut.mint)
    return refused(
      'same_token',
      'tokenOut',
      'tokenIn and tokenOut are the same token.',
      'Name two different tokens.',
    );
  if (!isTradable(ports, tokenIn, tokenOut))
    return refused(
      'no_pool',
      'tokenOut',
      `No venue has a pool for ${tokenIn.symbol} and ${tokenOut.symbol}, and no route leads over others.`,
      'GET /api/pools lists the pairs that can be traded.',
    );
  if (rests(request) && !isShown(ports, tokenIn, tokenOut))
    return refused(
      'no_pool',
      'tokenOut',
      `No pool that the engine reads itself has ${tokenIn.symbol} and ${tokenOut.symbol}, so no price would start the order.`,
      'Send a market order, or a limit with timeInForce "ioc".',
    );

  const { rounded = [] } = request;
  const [fixed, token] =
    request.swapMode === 'exactOut' ? (['amountOut', tokenOut] as const) : (['amountIn', tokenIn] as const);
  const given = rounded.includes('amount')
    ? roundDecimals(request.amount, token.decimals, 'down')
    : request.amount;
  const amount = readAmountField(fixed, given, token);
  if (amount.outcome === 'refused') return amount;
  const floor =
    request.minAmountOut !== null && rounded.includes('minAmountOut')
      ? roundDecimals(request.minAmountOut, tokenOut.decimals, 'up')
      : request.minAmountOut;
  const minAmountOut = readLimitField('minAmountOut', floor, tokenOut);
  if (minAmountOut.outcome === 'refused') return minAmountOut;
  const maxAmountIn = readLimitField('maxAmountIn', request.maxAmountIn, tokenIn);
  if (maxAmountIn.outcome === 'refused') return maxAmountIn;
  const terms = { tokenIn, tokenOut, swapMode: request.swapMode, amount: amount.amount };
  const byPrice = readPrices(request.trigger, terms);
  if (byPrice.outcome === 'refused') return byPrice;
  const { minAmountOut: least, maxAmountIn: most } = byPrice;
  const limits = { minAmountOut: least ?? minAmountOut.amount, maxAmountIn: most ?? maxAmountIn.amount };
  return { outcome: 'checked', terms: { tokenIn, tokenOut, amount: amount.amount, ...limits } };
}

/** Whether one pool holds both tokens, or a route over known pools connects them. */
function isTradable({ venues, limits }: Ports, tokenIn: Token, tokenOut: Token): boolean {
  if (venues.some((venue) => venue.pools().some((pool) => isPair(pool, tokenIn, tokenOut)))) return true;
  return isShown({ venues, limits }, tokenIn, tokenOut);
}

/** Whether a route over pools whose accounts the engine reads connects them. */
function isShown(
  { venues, limits }: Pick<Ports, 'venues' | 'limits'>,
  tokenIn: Token,
  tokenOut: Token,
): boolean {
  const shown = venues.flatMap((venue) => (venue.market ? venue.pools() : []));
  const pairs = shown.map(({ tokenA, tokenB }) => [tokenA.mint, tokenB.mint] as const);
  return areConnected(pairs, { from: tokenIn.mint, to: tokenOut.mint, maxHops: limits.maxLegs });
}

function isPair(pool: { tokenA: Token; tokenB: Token }, one: Token, other: Token): boolean {
  const mints = [pool.tokenA.mint, pool.tokenB.mint];
  return mints.includes(one.mint) && mints.includes(other.mint);
}

/** A limit that a request may lack. */
const readLimitField = (field: string, text: string | null, token: Token) =>
  text === null ? ({ outcome: 'read', amount: null } as const) : readAmountField(field, text, token);

const hasPassed = ({ request }: Order, nowMs: EpochMs): boolean =>
  request.expiresAtMs !== null && request.expiresAtMs <= nowMs;

const NO_SCENARIOS: SubmitRefusal = {
  outcome: 'refused',
  code: 'scenarios_unavailable',
  field: 'simulate',
  reason: 'This chain has no failures on demand.',
  hint: 'Leave "simulate" out, or run the engine on the devnet.',
};
