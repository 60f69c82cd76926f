import { sqrtPriceAtTick } from '@oee/amm';
import { createSeededKeypair } from '../../market/keypair.ts';
import { type ClmmPosition, clmmLiquidity } from '../../pools/clmm-liquidity.ts';
import {
  type ClmmConfigState,
  type ClmmGrowth,
  type ClmmObservationState,
  type ClmmPoolState,
  type ClmmReward,
  clmmArrayStart,
  MOST_CLMM_TICK,
} from '../../pools/clmm-state.ts';
import type { ChainClock } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';

const SPACINGS = [10, 60, 1, 120, 14, 15, 100, 5] as const;
const TICKS_PER_ARRAY = 60;
/** Middles in arrays from tick 0: near it, at the ends of the pool's own bitmap, and in those of the extension. */
const MIDDLES = [0, 0, 0, 7, -8, 511, -512, 512, -513, 1_030, -1_400, 7_000] as const;
const REWARD_MINT = createSeededKeypair('differential clmm', 'reward').address;

/** Pools of all spacings and prices, with positions over several arrays, gaps between them, rewards and old fees. */
export function drawClmmState(draws: Draws, clock: ChainClock): ClmmPoolState {
  const tickSpacing = draws.pick(SPACINGS);
  const width = TICKS_PER_ARRAY * tickSpacing;
  const middle = draws.pick(MIDDLES) * width + draws.below(width);
  const near = Math.abs(middle) < MOST_CLMM_TICK - 3 * width ? middle : draws.below(width);
  // Now and then exactly on a tick, where the pool's tick may be that or the one below.
  const isOnTick = draws.once(6);
  const tick = isOnTick ? Math.floor(near / tickSpacing) * tickSpacing : near;
  const [low, high] = [sqrtPriceAtTick(tick), sqrtPriceAtTick(tick + 1)];
  const part = isOnTick ? 0n : BigInt(draws.below(1_000));
  const poolTick = isOnTick && draws.once(2) ? tick - 1 : tick;
  return {
    tickSpacing,
    sqrtPrice: low + ((high - low) * part) / 1_000n,
    tick: poolTick,
    ...clmmLiquidity(drawPositions(draws, tick, tickSpacing), poolTick),
    feeGrowth: [drawGrowth(draws), drawGrowth(draws)],
    rewards: draws.once(4) ? [drawReward(draws, clock)] : [],
    ...(draws.once(30) ? { status: draws.below(32) } : {}),
    ...(draws.once(30) ? { openTime: clock.unixTimestamp + BigInt(draws.below(3)) - 1n } : {}),
  };
}

export function drawClmmConfig(draws: Draws, tickSpacing: number): ClmmConfigState {
  const isOdd = draws.once(12);
  const protocolFeeRate = isOdd ? draws.pick([0, 1, 900_000, 1_000_000]) : 120_000;
  return {
    index: 0,
    tickSpacing,
    tradeFeeRate: isOdd ? draws.pick([0, 1, 500_000, 999_999]) : draws.pick([2_500, 500, 100, 10_000]),
    protocolFeeRate,
    // Together they take no more than all of it.
    fundFeeRate: isOdd ? Math.min(draws.pick([0, 1, 100_000]), 1_000_000 - protocolFeeRate) : 40_000,
  };
}

export function drawClmmObservation(draws: Draws, clock: ChainClock): ClmmObservationState {
  return {
    isInitialized: draws.once(2),
    index: draws.pick([0, 50, 98, 99]),
    observedAt: Number(clock.unixTimestamp) - draws.below(1_000),
    sum: BigInt(draws.below(2 ** 32)) - 2n ** 31n,
  };
}

/** Mostly one position around the price, and others around or beside it, as wide as one spacing or several arrays. */
function drawPositions(draws: Draws, tick: number, spacing: number): ClmmPosition[] {
  const most = 10n ** BigInt(6 + draws.below(20));
  const aligned = (value: number) => Math.floor(value / spacing) * spacing;
  const positions: ClmmPosition[] = [];
  for (let count = 1 + draws.below(7); count > 0; count -= 1) {
    const isAside = draws.once(3);
    const reach = draws.pick([1, 5, 70, 130, 300, 1_500]);
    const lower =
      aligned(tick) - spacing * (isAside ? draws.below(4 * reach) - 2 * reach : draws.below(reach));
    const upper = lower + spacing * (1 + draws.below(2 * reach));
    const lowest = Math.ceil(-MOST_CLMM_TICK / spacing) * spacing;
    const position = {
      lower: Math.max(lower, lowest),
      upper: Math.min(upper, -lowest),
      liquidity: draws.amount(most),
    };
    if (position.lower < position.upper) positions.push(position);
  }
  if (draws.once(8)) positions.push(drawWholeRange(draws, spacing));
  return positions;
}

function drawWholeRange(draws: Draws, spacing: number): ClmmPosition {
  const upper = Math.floor(MOST_CLMM_TICK / spacing) * spacing;
  return { lower: -upper, upper, liquidity: draws.amount(10n ** 15n) };
}

/** The growth outside a tick is mostly at most the total growth; the program panics where it is larger. */
function drawGrowth(draws: Draws): ClmmGrowth {
  const inAll = draws.once(2) ? draws.amount(2n ** 80n) : 0n;
  const outside = draws.once(60) ? inAll + 1n : (inAll * BigInt(draws.below(1_000))) / 1_000n;
  return { inAll, outside };
}

function drawReward(draws: Draws, clock: ChainClock): ClmmReward {
  const now = clock.unixTimestamp;
  return {
    opensAt: now - 1_000n + BigInt(draws.below(1_100)),
    endsAt: now + BigInt(draws.pick([100_000, 20, 0])),
    updatedAt: now - BigInt(draws.below(500)),
    perSecond: draws.amount(2n ** 80n),
    emitted: draws.amount(10n ** 12n),
    mint: REWARD_MINT,
    growth: drawGrowth(draws),
  };
}

/** Whether nothing has grown less in all than outside of a tick. */
export function hasPlainGrowth({ feeGrowth, rewards = [] }: ClmmPoolState): boolean {
  const growths = [...(feeGrowth ?? []), ...rewards.map(({ growth }) => growth)];
  return growths.every(({ inAll, outside }) => outside <= inAll);
}

/** Whether all arrays are ones that the pool's own bitmap shows. */
export function isWithoutExtension(starts: readonly number[], tickSpacing: number): boolean {
  const bound = 512 * TICKS_PER_ARRAY * tickSpacing;
  return starts.every((start) => start >= -bound && start < bound);
}

/** The starts from the array at a tick on, in the direction of a swap. */
export function passedStarts(
  starts: readonly number[],
  at: { tick: number; tickSpacing: number; isFalling: boolean },
): number[] {
  const current = clmmArrayStart(at.tick, at.tickSpacing);
  if (at.isFalling) return starts.filter((start) => start <= current).reverse();
  return starts.filter((start) => start >= current);
}
