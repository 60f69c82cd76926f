import {
  BINS_PER_ARRAY,
  type DlmmBinOrders,
  type DlmmBinState,
  type DlmmOracleState,
  type DlmmPoolState,
  dlmmArrayIndex,
} from '../../pools/dlmm-state.ts';
import type { ChainClock } from '../drawn-kind.ts';
import type { Draws } from '../draws.ts';
import { drawEarned, drawRewards } from './drawn-dlmm-rewards.ts';

/** Middle indexes of the arrays that the pool's own bitmap covers, at its ends, and beyond it. */
const MIDDLES = [0, 0, 3, -4, 510, -511, 512, -513, 700, -1_200] as const;
/** Prices beyond about 2^62 and below its inverse are not ones of mainnet, and do not fit. */
const MOST_LOG_PRICE = 43;
const STEPS = [10, 1, 5, 20, 100, 400] as const;

/** Pools of all types, fee settings and ages, with gaps between their arrays, limit orders, and used or fresh oracles. */
export function drawDlmmState(draws: Draws, clock: ChainClock, wallet: string): DlmmPoolState {
  const middle = draws.pick(MIDDLES);
  // Prices of far bins fit their 128 bits at the smallest step only.
  const binStep = Math.abs(middle) > 100 ? 1 : draws.pick(STEPS);
  const activeId = middle * BINS_PER_ARRAY + draws.below(BINS_PER_ARRAY);
  const rewards = drawRewards(draws, clock);
  const hasRewards = rewards.some((reward) => reward !== null);
  const bins = drawBins(draws, { activeId, hasRewards, isFull: draws.once(12) }).filter(
    ({ id }) => Math.abs(id) * Math.log1p(binStep / 10_000) < MOST_LOG_PRICE,
  );
  const bound = () => draws.below(120);
  return {
    activeId,
    binStep,
    bins,
    baseFactor: draws.pick([10_000, 0, 5_000, 60_000, 65_535]),
    baseFeePowerFactor: draws.once(8) ? draws.below(4) : 0,
    variableFeeControl: draws.pick([40_000, 0, 2_000, 4_000_000]),
    filterPeriod: draws.pick([30, 0, 300]),
    decayPeriod: draws.pick([600, 0, 1_200]),
    reductionFactor: draws.pick([5_000, 0, 9_999, 10_000]),
    maxVolatilityAccumulator: draws.pick([350_000, 0, 100_000, 4_000_000]),
    ...(draws.once(6) ? { minBinId: activeId - bound(), maxBinId: activeId + bound() } : {}),
    protocolShare: draws.pick([1_000, 0, 2_500, 10_000]),
    functionType: draws.pick([0, 0, 1, 2]),
    collectFeeMode: draws.below(2),
    ...(draws.once(3) ? {} : { volatility: drawVolatility(draws, clock, activeId) }),
    ...drawType(draws, clock, wallet),
    protocolFees: [BigInt(draws.below(1_000)), BigInt(draws.below(1_000))],
    rewards,
    oracle: drawOracle(draws, clock),
  };
}

/**
 * Indexes of the arrays of these bins, ascending. An array without a bin of the pool is not in the pool's bitmap, but a
 * swap may name it.
 */
export function arrayIndexesOf(bins: readonly DlmmBinState[]): number[] {
  return [...new Set(bins.map(({ id }) => dlmmArrayIndex(id)))].sort((a, b) => a - b);
}

/** A ladder around the active bin with holes in it: X above, Y below, both in the active bin; now and then far away. */
function drawBins(
  draws: Draws,
  pool: { activeId: number; hasRewards: boolean; isFull: boolean },
): DlmmBinState[] {
  const { activeId } = pool;
  const most = 10n ** BigInt(3 + draws.below(13));
  const gap = draws.pick([0, 0, 75, 150, 800]);
  // Over many more bins a swap needs more compute units than a transaction has.
  const [width, stride] = [draws.pick([6, 30, 70, 100]), draws.pick([1, 1, 3])];
  const bins: DlmmBinState[] = [];
  for (let step = -width; step <= width; step += stride) {
    if (draws.once(4)) continue;
    const id = activeId + step + (step === 0 ? 0 : Math.sign(step) * gap);
    bins.push(drawBin(draws, id, { ...pool, most }));
  }
  return bins;
}

function drawBin(
  draws: Draws,
  id: number,
  pool: { activeId: number; most: bigint; hasRewards: boolean; isFull: boolean },
): DlmmBinState {
  const amount = () => (draws.once(10) ? BigInt(draws.below(3)) : draws.amount(pool.most));
  const x = id >= pool.activeId ? amount() : 0n;
  const y = id <= pool.activeId ? amount() : 0n;
  const orders = draws.once(3) ? drawOrders(draws, id - pool.activeId, pool.most) : null;
  // A deposit or order in a bin stores the bin's price.
  const isNew = x + y === 0n && orders === null && draws.once(2);
  return {
    id,
    x,
    y,
    ...(isNew ? { price: 0n } : {}),
    ...(pool.hasRewards && drawRewardedBin(draws, orders !== null, pool.isFull)),
    ...(orders && { orders }),
  };
}

/** Of a pool with rewards: what the bin has earned, and liquidity that is gone, or too little to divide by. */
function drawRewardedBin(draws: Draws, hasOrders: boolean, isFull: boolean): Partial<DlmmBinState> {
  return {
    ...(draws.once(12) ? { liquidity: draws.pick([0n, 2n ** 64n - 1n, 2n ** 64n]) } : {}),
    ...(draws.once(2) || hasOrders ? {} : { earned: drawEarned(draws, isFull) }),
  };
}

function drawOrders(draws: Draws, distance: number, most: bigint): DlmmBinOrders {
  const side = distance > 0 || (distance === 0 && draws.once(2)) ? 'ask' : 'bid';
  const open = draws.once(3) ? 0n : draws.amount(most);
  const processed = draws.once(2) ? draws.amount(most) : 0n;
  return {
    side,
    open,
    processed,
    processing: processed + BigInt(draws.below(1_000)),
    age: draws.below(100),
  };
}

function drawVolatility(draws: Draws, clock: ChainClock, activeId: number) {
  return {
    accumulator: draws.once(20) ? 1_000_000 : draws.below(350_000),
    reference: draws.below(100_000),
    indexReference: activeId + draws.below(20) - 10,
    lastUpdate: clock.unixTimestamp - draws.pick([0n, 10n, 29n, 30n, 100n, 599n, 600n, 10_000n]),
  };
}

/** The type, and when it opens. The account that may swap earlier is the wallet, or there is none. */
function drawType(draws: Draws, clock: ChainClock, wallet: string): Partial<DlmmPoolState> {
  const pairType = draws.pick([0, 0, 1, 2, 3]);
  const activationType = draws.below(2);
  const now = activationType === 0 ? clock.slot : clock.unixTimestamp;
  return {
    pairType,
    activationType,
    ...(draws.once(6) ? { activationPoint: now + BigInt(draws.below(60)) } : {}),
    ...(draws.once(6) ? { preActivation: { address: wallet, duration: BigInt(draws.below(60)) } } : {}),
    ...(draws.once(40) ? { status: 1 } : {}),
  };
}

function drawOracle(draws: Draws, clock: ChainClock): DlmmOracleState {
  const length = draws.pick([100, 1, 2, 3]);
  const count = draws.below(length + 1);
  const observations = Array.from({ length: count }, (_, place) => {
    const first = clock.unixTimestamp - BigInt(1_000 * (count - place) - draws.pick([0, 900, 1_000]));
    return { sum: BigInt(draws.below(2 ** 31)) - 2n ** 30n, first, last: first + BigInt(draws.below(2)) };
  });
  return { length, index: Math.max(0, count - 1 - draws.below(2)), observations };
}
