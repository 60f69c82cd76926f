import type { SysvarClock } from '../../src/clock.ts';
import type { RoutePool } from '../../src/routing/router.ts';
import { READERS } from '../checks/swap-readers.ts';
import {
  integerOf,
  type Json,
  listOf,
  numberOf,
  optionOf,
  recordOf,
  textOf,
} from '../checks/vector-fields.ts';
import type { SeededMarket } from './seeded-market.ts';

/** One market of a score file: pools, a task, and a proven upper bound of its output. */
export interface ScoreMarket {
  readonly seed: string;
  readonly pools: readonly RoutePool[];
  readonly clock: SysvarClock;
  readonly tokenIn: string;
  readonly tokenOut: string;
  readonly amountIn: bigint;
  readonly upperBound: number;
  readonly bestKnownOut: bigint;
  /** By the greatest number of legs. */
  readonly bestKnownOutByMaxLegs: ReadonlyMap<number, bigint>;
}

/** A seeded market as a task without known plans. */
export function toScoreMarket(market: SeededMarket): ScoreMarket {
  return readMarket({ ...market, upperBound: Number.MAX_VALUE, bestKnownOut: '0' });
}

export function readMarkets(text: string): ScoreMarket[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => readMarket(recordOf(JSON.parse(line), 'market')));
}

function readMarket(market: Json): ScoreMarket {
  const now = integerOf(market, 'now');
  const clock = { slot: now, unixTimestamp: now };
  const upperBound = Number(market.upperBound);
  if (!Number.isFinite(upperBound)) throw new Error('upperBound is not a number');
  const byLegs = Object.entries(recordOf(market.bestKnownOutByMaxLegs ?? {}, 'bestKnownOutByMaxLegs'));
  return {
    seed: String(market.seed),
    pools: listOf(market.pools, 'pools').map((pool) => readPool(recordOf(pool, 'pool'), now)),
    clock,
    tokenIn: `T${numberOf(market, 'tokenIn')}`,
    tokenOut: `T${numberOf(market, 'tokenOut')}`,
    amountIn: integerOf(market, 'amountIn'),
    upperBound,
    bestKnownOut: integerOf(market, 'bestKnownOut'),
    bestKnownOutByMaxLegs: new Map(
      byLegs.map(([legs, value]) => [Number(legs), integerOf({ value }, 'value')]),
    ),
  };
}

function readPool(pool: Json, now: bigint): RoutePool {
  const reader = optionOf(READERS, textOf(pool, 'kind'), 'kind');
  const time = String(now);
  const times = { currentPoint: time, currentTimestamp: time, blockTimestamp: time };
  return {
    id: String(integerOf(pool, 'id')),
    pool: reader.read(recordOf(pool.state, 'state'), times).pool,
    mints: [`T${numberOf(pool, 'a')}`, `T${numberOf(pool, 'b')}`],
  };
}
