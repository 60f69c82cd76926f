import { sqrtPriceAtTick, tickAtSqrtPrice } from '../../src/pools/clmm-tick-price.ts';
import { dlmmBinPrice } from '../../src/pools/meteora-dlmm.ts';
import type { Json } from '../checks/vector-fields.ts';
import type { Chance } from './seeded-chance.ts';

/** A token of a seeded market. */
export interface SeededToken {
  readonly id: number;
  readonly dec: number;
  readonly usd: number;
}

export interface SeededPool {
  readonly id: number;
  readonly kind: string;
  /** Numbers of the tokens 0 and 1. */
  readonly a: number;
  readonly b: number;
  readonly feeBp: number;
  readonly state: Json;
}

interface PoolPlan {
  readonly tokens: readonly [SeededToken, SeededToken];
  /** Worth of what it holds. */
  readonly tvl: number;
  /** Of concentrated kinds: how far the liquidity reaches, as a factor of the usual width. */
  readonly reach: number;
  /** Whether liquidity ends where the last range ends, instead of a thin range over all prices. */
  readonly isEnding: boolean;
}

type Maker = (plan: PoolPlan, chance: Chance) => { readonly feeBp: number; readonly state: Json };

const MAKERS: Record<string, Maker> = {
  raydium_cpmm: cpmm,
  raydium_amm_v4: ammV4,
  raydium_clmm: clmm,
  meteora_dlmm: dlmm,
  meteora_damm_v2: dammV2,
};

/** Kinds as often as in the markets with proven bounds. */
const KINDS = [
  ...Array<string>(12).fill('raydium_cpmm'),
  ...Array<string>(13).fill('raydium_amm_v4'),
  ...Array<string>(30).fill('raydium_clmm'),
  ...Array<string>(31).fill('meteora_dlmm'),
  ...Array<string>(14).fill('meteora_damm_v2'),
];

/** A pool whose price differs from the tokens' worth by less than its fee, so that no circle of pools gains. */
export function seededPool(id: number, plan: PoolPlan, chance: Chance): SeededPool {
  const kind = chance.pick(KINDS);
  const [a, b] = plan.tokens;
  return { id, kind, a: a.id, b: b.id, ...MAKERS[kind]!(plan, chance) };
}

const text = (value: number): string => BigInt(Math.round(value)).toString();
const q64 = (value: number): bigint => BigInt(Math.round(value * 2 ** 53)) << 11n;

/** Base units of token 1 for one of token 0, off the tokens' worth by less than the fee. */
function priceOf({ tokens: [a, b] }: PoolPlan, feeBp: number, chance: Chance): number {
  const off = chance.between(-0.9, 0.9) * feeBp;
  return (a.usd / b.usd) * 10 ** (b.dec - a.dec) * (1 + off / 1e4);
}

/** Base units of either token when both are worth half of what the pool holds. */
function halves(plan: PoolPlan, price: number): [number, number] {
  const [a] = plan.tokens;
  const first = (plan.tvl / 2 / a.usd) * 10 ** a.dec;
  return [first, first * price];
}

function cpmm(plan: PoolPlan, chance: Chance) {
  const tradeBp = chance.pick([5, 10, 25, 25, 25, 30, 100, 200]);
  const hasCreatorFee = chance.next() < 0.2;
  const feeBp = tradeBp + (hasCreatorFee ? 5 : 0);
  const [vault0, vault1] = halves(plan, priceOf(plan, feeBp, chance));
  const state = {
    vault0: text(vault0),
    vault1: text(vault1),
    fees0: '0',
    fees1: '0',
    tradeFeeRate: String(tradeBp * 100),
    protocolFeeRate: '120000',
    fundFeeRate: '40000',
    creatorFeeRate: hasCreatorFee ? '500' : '0',
    enableCreatorFee: hasCreatorFee,
    creatorFeeOn: chance.whole(0, 2),
  };
  return { feeBp, state };
}

function ammV4(plan: PoolPlan, chance: Chance) {
  const feeBp = 25;
  const [coin, pc] = halves(plan, priceOf(plan, feeBp, chance));
  const state = {
    coinVault: text(coin),
    pcVault: text(pc),
    needTakePnlCoin: '0',
    needTakePnlPc: '0',
    swapFeeNumerator: '25',
    swapFeeDenominator: '10000',
  };
  return { feeBp, state };
}

function clmm(plan: PoolPlan, chance: Chance) {
  const [tickSpacing, feeBp] = chance.pick([
    [60, 25],
    [60, 25],
    [1, 1],
    [10, 5],
    [1, 4],
    [120, 100],
  ] as const);
  const price = priceOf(plan, feeBp, chance);
  const sqrtPrice = q64(Math.sqrt(price));
  const tick = tickAtSqrtPrice(sqrtPrice);
  const [whole] = halves(plan, price);
  const net = new Map<number, bigint>();
  let liquidity = 0n;
  const place = (low: number, high: number, share: number) => {
    const lower = Math.max(Math.floor(low / tickSpacing), Math.ceil(-443_636 / tickSpacing)) * tickSpacing;
    const upper = Math.min(Math.ceil(high / tickSpacing), Math.floor(443_636 / tickSpacing)) * tickSpacing;
    if (lower >= upper) return;
    const above = 1.0001 ** (Math.max(1, upper - tick) / 2);
    const amount = BigInt(Math.max(1, Math.round(((whole * share) / (1 - 1 / above)) * Math.sqrt(price))));
    net.set(lower, (net.get(lower) ?? 0n) + amount);
    net.set(upper, (net.get(upper) ?? 0n) - amount);
    if (lower <= tick && tick < upper) liquidity += amount;
  };
  const ranges = chance.whole(2, 9);
  for (let range = 0; range < ranges; range += 1) {
    const width = chance.magnitude(Math.max(tickSpacing, 30), 9_000) * plan.reach;
    const center = tick + chance.between(-0.4, 0.4) * width;
    place(center - width, center + width, chance.between(0.3, 1) / ranges);
  }
  if (!plan.isEnding) place(-443_636, 443_636, 0.05);
  const ticks = [...net]
    .filter(([, amount]) => amount !== 0n)
    .sort(([first], [second]) => first - second)
    .map(([at, amount]) => ({
      tick: at,
      net: String(amount),
      gross: String(amount < 0n ? -amount : amount),
      orders: '0',
      partRem: '0',
    }));
  const state = {
    sqrtPrice: String(sqrtPrice),
    tick,
    liquidity: String(liquidity),
    tickSpacing,
    tradeFeeRate: String(feeBp * 100),
    feeOn: chance.pick([0, 0, 0, 1, 2]),
    protocolFeeRate: '120000',
    fundFeeRate: '40000',
    dyn: null,
    ticks,
  };
  return { feeBp, state };
}

function dlmm(plan: PoolPlan, chance: Chance) {
  const [binStep, baseFactor] = chance.pick([
    [1, 10_000],
    [4, 10_000],
    [5, 8_000],
    [10, 10_000],
    [10, 10_000],
    [20, 8_000],
    [50, 8_000],
    [100, 20_000],
  ] as const);
  const feeBp = (binStep * baseFactor) / 10_000;
  const [a, b] = plan.tokens;
  const price = priceOf(plan, Math.max(0, feeBp - binStep / 2), chance);
  const activeId = Math.round(Math.log(price) / Math.log1p(binStep / 1e4));
  const side = Math.max(2, Math.round(chance.whole(25, 120) * Math.min(1, plan.reach)));
  const shape = chance.pick(['flat', 'middle', 'ends'] as const);
  const density = chance.pick([1, 1, 0.85]);
  const weightAt = (distance: number) =>
    shape === 'flat' ? 1 : shape === 'middle' ? 1.1 - distance / side : 0.1 + distance / side;
  const chosen: { id: number; weight: number }[] = [];
  for (let distance = -side; distance <= side; distance += 1)
    if (distance === 0 || chance.next() < density)
      chosen.push({ id: activeId + distance, weight: weightAt(Math.abs(distance)) });
  const total = chosen.reduce((sum, { weight }) => sum + weight, 0);
  const within = chance.next();
  const bins = chosen.map(({ id, weight }) => {
    const usd = (plan.tvl * weight) / total;
    const shareOfX = id > activeId ? 1 : id < activeId ? 0 : within;
    return {
      id,
      x: text(((usd * shareOfX) / a.usd) * 10 ** a.dec),
      y: text(((usd * (1 - shareOfX)) / b.usd) * 10 ** b.dec),
      price: String(dlmmBinPrice(binStep, id)),
    };
  });
  const state = {
    activeId,
    binStep,
    baseFactor,
    baseFeePowerFactor: 0,
    variableFeeControl: chance.pick([0, 7_500, 20_000]),
    filterPeriod: 30,
    decayPeriod: 600,
    reductionFactor: 5_000,
    maxVolatilityAccumulator: 350_000,
    protocolShare: 500,
    collectFeeMode: chance.pick([0, 0, 0, 0, 1]),
    limitOrders: false,
    v: {
      volatilityAccumulator: 0,
      volatilityReference: 0,
      indexReference: activeId,
      lastUpdateTimestamp: 1_699_996_400,
    },
    bins,
  };
  return { feeBp, state };
}

function dammV2(plan: PoolPlan, chance: Chance) {
  const feeBp = chance.pick([10, 25, 25, 100, 200]);
  const price = priceOf(plan, feeBp, chance);
  const root = Math.sqrt(price);
  const [amountA, amountB] = halves(plan, price);
  const isConcentrated = plan.isEnding || chance.next() < 0.25;
  const width = Math.exp(chance.between(0.05, 1) * Math.min(1, plan.reach));
  const [least, most] = [sqrtPriceAtTick(-443_636), sqrtPriceAtTick(443_636)];
  const sqrtMinPrice = isConcentrated ? q64(root / width) : least;
  const sqrtMaxPrice = isConcentrated ? q64(root * width) : most;
  const depth = isConcentrated ? 1 - 1 / width : 1;
  const state = {
    sqrtPrice: String(q64(root)),
    sqrtMinPrice: String(sqrtMinPrice),
    sqrtMaxPrice: String(sqrtMaxPrice),
    liquidity: String(BigInt(Math.round((amountA * root) / depth)) << 64n),
    collectFeeMode: chance.pick(isConcentrated ? [0, 0, 1] : [0, 0, 1, 2]),
    tokenAAmount: text(amountA),
    tokenBAmount: text(amountB),
    feeVersion: 1,
    activationPoint: '0',
    initSqrtPrice: String(q64(root)),
    protocolFeePercent: 20,
    compoundingFeeBps: 0,
    baseFee: {
      mode: 0,
      cliffFeeNumerator: String(feeBp * 100_000),
      numberOfPeriod: '0',
      periodFrequency: '0',
      reductionFactor: '0',
    },
    dynamicFee: null,
  };
  return { feeBp, state };
}
