import { timeAfter } from '../../src/domain/timestamp.ts';
import type { TriggerTerms } from '../../src/domain/trigger-terms.ts';
import type { SubmitRequest } from '../../src/execution/submit-order.ts';
import type { Chance } from './chance.ts';
import { EPOCH_MS } from './simulated-time.ts';

/** USDC per SOL at which the pools of a world open. */
const OPENING_PRICE = 150;

/** The terms of an order that rests, or of one that never does, with prices around that of the market. */
export function drawTerms(
  chance: Chance,
  { isSale, mayWait, safetyMs }: { isSale: boolean; mayWait: boolean; safetyMs: number },
): Partial<SubmitRequest> {
  const type = chance.pick([
    ...([
      'limit',
      'limit',
      'stop',
      'stop',
      'takeProfit',
      'stopLimit',
      'trailingStop',
      'trailingStop',
    ] as const),
    ...(['ioc', 'fok', 'startAt'] as const),
  ]);
  const starts = mayWait && (type === 'startAt' || chance.happens(0.1));
  const startAt = starts ? { startAtMs: timeAfter(EPOCH_MS, chance.below(safetyMs)) } : {};
  if (type === 'startAt') return startAt;
  const priceIn = chance.happens(0.6) === isSale ? 'tokenOut' : 'tokenIn';
  const isInUsdc = (priceIn === 'tokenOut') === isSale;
  const price = () => drawPrice(chance, isInUsdc);
  if (type === 'ioc' || type === 'fok')
    return { ...startAt, type: 'limit', timeInForce: type, trigger: { priceIn, limitPrice: price() } };
  const prices: TriggerTerms = {
    ...((type === 'limit' || type === 'stopLimit') && { limitPrice: price() }),
    ...((type === 'stop' || type === 'stopLimit') && { stopPrice: price() }),
    ...(type === 'takeProfit' && { takeProfitPrice: price() }),
    ...(type === 'trailingStop' && { trailingBps: chance.pick([5, 50, 200]) }),
  };
  const looks = type !== 'limit' && {
    source: chance.pick(['last', 'last', 'mid', 'twap'] as const),
    slots: chance.pick([1, 1, 1, 3]),
  };
  const ends = mayWait && chance.happens(0.3);
  return {
    ...startAt,
    type,
    trigger: { priceIn, ...prices, ...looks },
    timeInForce: ends ? 'gtd' : 'gtc',
    ...(ends && { expiresAtMs: timeAfter(EPOCH_MS, safetyMs + chance.between(0, 5_000)) }),
  };
}

/** Another price for one of those that the order has, or for a trailing stop another distance. */
export function drawAmendment(chance: Chance, { tokenIn, trigger = {} }: SubmitRequest): TriggerTerms {
  if (trigger.trailingBps !== undefined) return { trailingBps: chance.pick([10, 100, 300]) };
  const isInUsdc = (trigger.priceIn === 'tokenOut') === (tokenIn === 'SOL');
  const fields = (['limitPrice', 'stopPrice', 'takeProfitPrice'] as const).filter((field) => trigger[field]);
  return { [chance.pick(fields)]: drawPrice(chance, isInUsdc) };
}

function drawPrice(chance: Chance, isInUsdc: boolean): string {
  const price = (OPENING_PRICE * (10_000 + chance.between(-150, 150))) / 10_000;
  return isInUsdc ? price.toFixed(3) : (1 / price).toFixed(9);
}

/** tokenOut per tokenIn, as an exact fraction of whole numbers; by the text alone. */
export function exactPrice(text: string, priceIn: TriggerTerms['priceIn']): [above: bigint, below: bigint] {
  const [whole = '', decimals = ''] = text.split('.');
  const [digits, power] = [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
  return priceIn === 'tokenIn' ? [power, digits] : [digits, power];
}
