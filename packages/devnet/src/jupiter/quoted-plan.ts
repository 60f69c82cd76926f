import type { DevnetNode } from '../node.ts';
import type { Config } from '../rpc/params.ts';
import { type ProtectedPlan, protectLegs, type QuotedLeg } from './protected-plan.ts';
import { refuse, toAddress } from './query-values.ts';

/** A plan made of a client's quote, with the request of that quote. */
export interface QuotedPlan {
  readonly plan: ProtectedPlan;
  readonly inputMint: string;
  readonly outputMint: string;
  readonly amount: bigint;
}

/**
 * The plan that a `quoteResponse` describes, with the amounts of the quote: later changes of the market show on chain.
 *
 * @throws {SwapApiRefusal} 400 if it is no quote of this API.
 */
export function toQuotedPlan({ listing }: DevnetNode, quote: unknown): QuotedPlan {
  const fields = record(quote, 'quoteResponse');
  const inputMint = toAddress(fields.inputMint, 'quoteResponse.inputMint');
  const outputMint = toAddress(fields.outputMint, 'quoteResponse.outputMint');
  const amount = baseUnits(fields.inAmount, 'quoteResponse.inAmount');
  const { slippageBps, routePlan } = fields;
  if (!Number.isInteger(slippageBps) || (slippageBps as number) < 0 || (slippageBps as number) > 10_000)
    refuse('quoteResponse.slippageBps must be a whole number from 0 to 10000');
  if (!Array.isArray(routePlan)) refuse('quoteResponse.routePlan must be a list');
  const pools = new Map(listing.pools.map((pool) => [pool.address, pool]));
  const legs = routePlan.map((step): QuotedLeg => {
    const info = record(record(step, 'routePlan').swapInfo, 'swapInfo');
    const placed = pools.get(String(info.ammKey));
    if (placed === undefined) refuse(`swapInfo.ammKey ${String(info.ammKey)} is no pool here`);
    const mints = [placed.mint0, placed.mint1];
    const inputIndex = mints.indexOf(String(info.inputMint));
    if (inputIndex === -1 || mints[1 - inputIndex] !== info.outputMint)
      refuse(`the pool ${placed.address} does not hold the tokens of its swapInfo`);
    return {
      placed,
      inputIndex: inputIndex === 0 ? 0 : 1,
      tokenIn: mints[inputIndex]!,
      tokenOut: mints[1 - inputIndex]!,
      amountIn: baseUnits(info.inAmount, 'swapInfo.inAmount'),
      amountOut: baseUnits(info.outAmount, 'swapInfo.outAmount'),
    };
  });
  if (!legs.some(({ tokenOut }) => tokenOut === outputMint)) refuse('routePlan must end at the output token');
  const plan = protectLegs(legs, { tokenOut: outputMint, slippageBps: slippageBps as number });
  requireCovered(plan, inputMint, amount);
  return { plan, inputMint, outputMint, amount };
}

/** Requires that no leg spends more than the input or the guaranteed output of the legs before it. */
function requireCovered({ legs }: ProtectedPlan, inputMint: string, amount: bigint): void {
  const held = new Map([[inputMint, amount]]);
  for (const { tokenIn, tokenOut, amountIn, minAmountOut } of legs) {
    const left = (held.get(tokenIn) ?? 0n) - amountIn;
    if (left < 0n) refuse('routePlan spends more than it has');
    held.set(tokenIn, left);
    held.set(tokenOut, (held.get(tokenOut) ?? 0n) + minAmountOut);
  }
}

function record(value: unknown, name: string): Config {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Config;
  return refuse(`${name} must be an object`);
}

function baseUnits(value: unknown, name: string): bigint {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n)
    return BigInt(value);
  return refuse(`${name} must be base units as text`);
}
