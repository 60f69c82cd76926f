import { readAmount } from '../../src/domain/amount.ts';
import { type BlockHeight, toBlockHeight } from '../../src/domain/block-height.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderEvent, OrderEventData } from '../../src/domain/order-event.ts';
import { type Signature, toSignature } from '../../src/domain/signature.ts';
import { hold } from './violation.ts';

/**
 * The pools of a simulated world always have room for what its clients ask, and its venues build what they are asked to: if
 * there is no offer at all, or an offer was not built, a node or a venue is unavailable.
 */
const NOT_OF_THE_MARKET: readonly string[] = ['no_route', 'chain_unavailable', 'offer_not_built'];
/** An attempt ended of which its process says that no node took it: its try goes on. */
export const isUntaken = (event: OrderEvent): boolean =>
  event.type === 'order.routing' &&
  event.data.interrupted === true &&
  event.data.cause?.code === 'attempt_expired';

/** I16 to I18, by the log, and by which attempts nodes really took. */
export function checkWaiting(
  { request }: Order,
  events: readonly OrderEvent[],
  world: {
    readonly maxWaitMs: number;
    /** Otherwise a wait is no difference of timestamps. */
    readonly clocksAreRight: boolean;
    wasTaken(signature: Signature, lastValidBlockHeight: BlockHeight): boolean;
  },
): void {
  const { orderId, expiresAtMs, minAmountOut, maxAmountIn } = request;
  let sinceMs: number | null = null;
  let isFirst = true;
  let attempt: OrderEventData['order.submitted'] | null = null;
  for (const event of events) {
    const what = () => `order ${orderId}: ${event.type} at ${event.sequence}`;
    const isSpent =
      (event.type === 'order.routing' && !event.data.interrupted) || event.type === 'order.opened';
    if (isSpent || event.type === 'order.failed') {
      const code = event.type === 'order.failed' ? event.data.code : event.data.cause?.code;
      hold(!NOT_OF_THE_MARKET.includes(code ?? ''), 'I16', () => `${what()} by ${code}`);
      if (code === 'attempt_expired' && attempt) {
        const { signature, lastValidBlockHeight } = attempt;
        const isTaken = world.wasTaken(toSignature(signature), toBlockHeight(BigInt(lastValidBlockHeight)));
        hold(isTaken, 'I16', () => `${what()} by an attempt that no node took while it could land`);
      }
      if (attempt || event.type === 'order.opened') sinceMs = null; // The market met it.
      attempt = null;
    }
    if (event.type === 'order.waiting') {
      const told = Date.parse(event.data.since);
      hold(told <= Date.parse(event.timestamp), 'I17', () => `${what()} since ${event.data.since}`);
      sinceMs ??= told;
    }
    if (event.type === 'order.submitted') {
      const isWaitKnown = sinceMs !== null && world.clocksAreRight;
      const untilMs = expiresAtMs ?? (isWaitKnown ? (sinceMs as number) + world.maxWaitMs : null);
      const isRecovered = event.data.recovered === true;
      const isInTime = untilMs === null || isRecovered || Date.parse(event.timestamp) < untilMs;
      hold(isInTime, 'I17', () => `${what()}, its time was over at ${new Date(untilMs ?? 0).toISOString()}`);
      attempt = event.data;
    }
    if (event.type !== 'order.building') continue;
    if (isFirst && sinceMs !== null && minAmountOut === null && maxAmountIn === null)
      checkPrice(request, event.data);
    isFirst = false;
  }
}

/**
 * The first limit against the price at acceptance: it may be worse by the order's slippage, and by what the order's own size
 * costs, which is the chosen quote's amount against its own price at zero size.
 */
function checkPrice(request: Order['request'], building: OrderEventData['order.building']): void {
  const { seenAmount, slippageBps, swapMode, tokenIn, tokenOut } = request;
  const chosen = building.quotes.find((quote) => quote.outcome === 'chosen');
  if (seenAmount === null || chosen?.outcome !== 'chosen' || slippageBps === 'auto') return;
  const what = () => {
    const { maxAmountIn, minAmountOut, wholeMinAmountOut } = building;
    const first = JSON.stringify({ maxAmountIn, minAmountOut, wholeMinAmountOut, slippageBps, chosen });
    return `order ${request.orderId} goes on at a limit that is too far from ${seenAmount}: ${first}`;
  };
  const isExactOut = swapMode === 'exactOut';
  const { decimals } = isExactOut ? tokenIn : tokenOut;
  const spot = readAmount(chosen.spotAmount ?? '', decimals);
  if (isExactOut) {
    const quoted = readAmount(chosen.amountIn, decimals);
    const most = readAmount(building.maxAmountIn ?? '', decimals);
    hold((most - 1n) * spot * 10_000n <= seenAmount * quoted * (10_000n + BigInt(slippageBps)), 'I18', what);
    return;
  }
  const quoted = readAmount(chosen.amountOut, decimals);
  const least = readAmount(building.wholeMinAmountOut ?? building.minAmountOut ?? '', decimals);
  hold((least + 1n) * spot * 10_000n >= seenAmount * quoted * (10_000n - BigInt(slippageBps)), 'I18', what);
}
