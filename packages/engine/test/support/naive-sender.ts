import { autoSlippage } from '../../src/domain/auto-slippage.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Signature } from '../../src/domain/signature.ts';
import { buildSwap } from '../../src/execution/building/build-swap.ts';
import type { Engine } from '../../src/execution/engine.ts';
import { chooseRoute } from '../../src/execution/quoting/choose-route.ts';
import { collectQuotes } from '../../src/execution/quoting/collect-quotes.ts';
import { askAboutPast } from '../../src/execution/start-engine.ts';

/**
 * The mistake that the protocol exists to prevent: signs a new transaction for an order whenever it is called and
 * sends it, without a record and without looking at what was sent before.
 *
 * @returns The signature.
 */
export async function sendNaively(world: Engine, order: Order, attemptNumber: number): Promise<Signature> {
  const { bytes, signature } = await signNaively(world, order, attemptNumber);
  await world.chain.nodes[0]!.send(bytes);
  return signature;
}

export async function signNaively(world: Engine, order: Order, attemptNumber: number) {
  await askAboutPast(world); // As a start does; the sender is careless about its own orders alone.
  const { tokenIn, tokenOut, swapMode, amount } = order.request;
  const candidates = await collectQuotes(world, { tokenIn, tokenOut, swapMode, amount });
  const choice = chooseRoute(order, candidates, {
    tolerance: (quote) => autoSlippage(quote, world.market.prices),
    seen: null,
  });
  if (choice.outcome !== 'chosen') throw new Error(choice.failure.reason);
  const swap = await buildSwap(world, { ...order, attemptNumber: attemptNumber - 1 }, choice);
  if (swap.outcome !== 'signed') throw new Error(JSON.stringify(swap));
  return swap;
}
