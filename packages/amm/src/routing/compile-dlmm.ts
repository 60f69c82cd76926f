import type { SysvarClock } from '../clock.ts';
import { dlmmFeeSide, type MeteoraDlmmPool } from '../pools/meteora-dlmm.ts';
import { referenceAt } from '../pools/meteora-dlmm-fee.ts';
import type { TokenIndex } from '../swap.ts';
import type { Segment } from './curve.ts';

/** One straight segment per bin, which trades at a single price, fee included. */
export function dlmmSegments(pool: MeteoraDlmmPool, inputIndex: TokenIndex, clock: SysvarClock): Segment[] {
  const feeRate = feeRates(pool, clock);
  const isFeeOnInput = dlmmFeeSide(pool, inputIndex) === 'input';
  const segments: Segment[] = [];
  const { bins, activeId } = pool;
  const step = inputIndex === 0 ? -1 : 1;
  for (let index = inputIndex === 0 ? bins.length - 1 : 0; index >= 0 && index < bins.length; index += step) {
    const bin = bins[index]!;
    if (inputIndex === 0 ? bin.id > activeId : bin.id < activeId) continue;
    let available = Number(inputIndex === 0 ? bin.amounts[1] : bin.amounts[0]);
    const side = inputIndex === 0 ? 'bid' : 'ask';
    if (pool.hasLimitOrders && bin.orders?.side === side) {
      available += Number(bin.orders.open) + Number(bin.orders.processed);
    }
    if (available === 0) continue;
    const price = Number(bin.price) / 2 ** 64;
    const kept = 1 - feeRate(bin.id);
    const rate = inputIndex === 0 ? price : 1 / price;
    const netIn = available / rate;
    segments.push({ a: rate * kept, b: 0, length: isFeeOnInput ? netIn / kept : netIn });
  }
  return segments;
}

/** The pool's fee rate by bin as a fraction, in floats. */
function feeRates(pool: MeteoraDlmmPool, clock: SysvarClock): (id: number) => number {
  const reference = referenceAt(pool, clock);
  const binStep = Number(pool.binStep);
  const base = Number(pool.baseFactor) * binStep * 10 * 10 ** Number(pool.baseFeePowerFactor);
  const control = Number(pool.variableFeeControl);
  const maximum = Number(pool.maxVolatilityAccumulator);
  const start = Number(reference.volatility);
  return (id) => {
    const accumulator = Math.min(start + Math.abs(reference.index - id) * 10_000, maximum);
    const movement = accumulator * binStep;
    return Math.min(base + (control * movement * movement) / 1e11, 1e8) / 1e9;
  };
}
