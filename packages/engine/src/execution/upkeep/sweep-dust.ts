import { readAmount } from '../../domain/amount.ts';
import type { Order } from '../../domain/order.ts';
import { isSol } from '../../domain/token.ts';
import type { WithMarket } from '../market/market-watch.ts';
import { worthInLamports } from '../market/worth-in-lamports.ts';
import { submitOrder } from '../submit-order.ts';

/**
 * Swaps on what a finalized route left of its intermediate tokens: to the token that was bought, or, where the bought
 * amount was fixed, back to the one that was paid with. Each becomes a market order of its own, named after the order that
 * left it, so that repeated calls create it once. Dust worth less than the limit stays in the wallet; SOL was
 * unwrapped by the route itself.
 */
export async function sweepDust(ports: WithMarket, order: Order): Promise<void> {
  const { limits, log, orders, tokens } = ports;
  if (limits.sweepDustLamports === 0n) return;
  const { orderId, accountId, swapMode, tokenIn, tokenOut } = order.request;
  const [finalized] = await orders.events(orderId, order.sequence - 1, 1);
  const dust = finalized?.type === 'order.finalized' ? (finalized.data.dust ?? []) : [];
  for (const [index, { token: symbol, amount }] of dust.entries()) {
    const token = tokens.find(symbol);
    if (!token || isSol(token)) continue;
    const lamports = worthInLamports(ports, token, readAmount(amount, token.decimals));
    if (lamports === null || lamports < limits.sweepDustLamports) continue;
    const submitted = await submitOrder(ports, {
      accountId,
      type: 'market',
      tokenIn: token.mint,
      tokenOut: (swapMode === 'exactOut' ? tokenIn : tokenOut).mint,
      swapMode: 'exactIn',
      amount,
      slippageBps: 'auto',
      minAmountOut: null,
      maxAmountIn: null,
      clientOrderId: `dust:${orderId}:${index}`,
      idempotencyKey: null,
      fingerprint: `dust:${orderId}:${index}`,
    });
    log.info({ orderId, token: symbol, amount, outcome: submitted.outcome }, 'dust swept');
  }
}
