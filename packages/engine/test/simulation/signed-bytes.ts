import { accountOf } from '../../src/adapters/memory/chain.ts';
import {
  decodeMessage,
  decodeSwap,
  MEMORY_PROGRAM,
  splitTransaction,
} from '../../src/adapters/memory/message.ts';
import { readAmount } from '../../src/domain/amount.ts';
import type { Attempt } from '../../src/domain/attempt.ts';
import type { Order } from '../../src/domain/order.ts';
import type { LimitRecord, OrderEvent } from '../../src/domain/order-event.ts';
import type { SwapMode } from '../../src/domain/quote.ts';
import { WALLET } from '../support/world.ts';
import { hold } from './violation.ts';

/**
 * I14 by the decoded bytes alone: program, payer, memo and mints, the user's own limits, and the limit that the
 * order's first choice of a route fixed.
 *
 * @returns The address of the receipt that it creates; undefined without one.
 */
export function checkSignedBytes(
  { request }: Order,
  events: readonly OrderEvent[],
  { bytes, attemptNumber, orderId }: Attempt,
): string | undefined {
  const { payer, instructions, memo, receipt } = decodeMessage(splitTransaction(bytes).message);
  const what = `attempt ${attemptNumber} of order ${orderId}`;
  hold(
    (request.executionGuard === 'strict') === (receipt !== undefined),
    'I15',
    () => `${what} of a ${request.executionGuard} order creates ${receipt?.address ?? 'no receipt'}`,
  );
  hold(payer === WALLET && memo === `${orderId}/${attemptNumber}`, 'I14', () => `${what}: ${payer}, ${memo}`);
  const { swapMode, tokenIn, tokenOut, amount, minAmountOut, maxAmountIn } = request;
  let [amountIn, amountOut] = [0n, 0n];
  for (const { programAddress, accounts, data } of instructions) {
    hold(programAddress === MEMORY_PROGRAM, 'I14', () => `${what} calls ${programAddress}`);
    const swap = decodeSwap(data);
    hold(
      swap.mintIn === tokenIn.mint && modesOf(swapMode, instructions.length).includes(swap.swapMode),
      'I14',
      () => `${what} swaps ${swap.mintIn} ${swap.swapMode}`,
    );
    hold(
      accounts[1]?.address === accountOf(WALLET, tokenIn) &&
        accounts[2]?.address === accountOf(WALLET, tokenOut),
      'I14',
      () => `${what} swaps between ${accounts.map(({ address }) => address)}`,
    );
    amountIn += swap.amountIn;
    amountOut += swap.amountOut;
  }
  // Of an order that rests, each firing has its own.
  const opened = events.findLastIndex(({ type }) => type === 'order.opened');
  const first = firstLimit(events.slice(opened + 1));
  hold(first !== undefined, 'I14', () => `${what} was signed without a choice of route`);
  if (swapMode === 'partialFill') {
    // A part may be filled, but no unit of it below the price that the first choice fixed, nor below the user's own.
    const least = readAmount(first.wholeMinAmountOut ?? '', tokenOut.decimals);
    hold(amountIn <= amount, 'I14', () => `${what} takes ${amountIn}`);
    hold(
      [least, minAmountOut ?? 0n].every((whole) => amountOut * amount >= whole * amountIn),
      'I14',
      () => `${what} delivers ${amountOut} at least for ${amountIn}, its order ${least} for ${amount}`,
    );
  } else if (swapMode === 'exactIn') {
    const least = readAmount(first.minAmountOut ?? '', tokenOut.decimals);
    hold(amountIn === amount, 'I14', () => `${what} takes ${amountIn}`);
    hold(
      amountOut >= least && amountOut >= (minAmountOut ?? 0n),
      'I14',
      () => `${what} delivers ${amountOut} at least, its order ${least}`,
    );
  } else {
    const most = readAmount(first.maxAmountIn ?? '', tokenIn.decimals);
    hold(amountOut === amount, 'I14', () => `${what} delivers ${amountOut}`);
    hold(
      amountIn <= most && amountIn <= (maxAmountIn ?? most),
      'I14',
      () => `${what} takes ${amountIn} at most, its order ${most}`,
    );
  }
  return receipt?.address;
}

/** Fixed by the first choice; or, where that offer came to nothing, by the best of the others of the same round. */
const firstLimit = (events: readonly OrderEvent[]): LimitRecord | undefined =>
  events.flatMap((event) => (event.type === 'order.routing' ? (event.data.limit ?? []) : [])).at(-1) ??
  events.find((event) => event.type === 'order.building')?.data;

/** Of several pools none may leave a part. */
const modesOf = (swapMode: SwapMode, swaps: number): SwapMode[] =>
  swapMode === 'partialFill' && swaps > 1 ? ['exactIn'] : [swapMode];
