import { expect, test } from 'vitest';
import {
  dlmmBinPrice,
  type MeteoraDammV2Pool,
  type MeteoraDlmmPool,
  type QuoteOutcome,
  quote,
  type RaydiumCpmmPool,
} from '../src/index.ts';

/** What the programs of mainnet answered at the edges of what they serve; numbers and codes are theirs. */
const clock = { slot: 5_000n, unixTimestamp: 1_790_000_000n };
const window = { isEnabled: true, opensAt: 0n, pointKind: 'timestamp' } as const;

const DLMM: MeteoraDlmmPool = {
  kind: 'meteora-dlmm',
  activeId: 15,
  binStep: 250n,
  baseFactor: 4_000n,
  baseFeePowerFactor: 0n,
  variableFeeControl: 0n,
  filterPeriod: 30n,
  decayPeriod: 600n,
  reductionFactor: 5_000n,
  maxVolatilityAccumulator: 2_000_000n,
  protocolShare: 1_000n,
  volatility: { accumulator: 0n, reference: 0n, indexReference: 15, lastUpdateAt: 0n },
  collectFeeMode: 'input',
  hasLimitOrders: true,
  bins: [
    { id: 14, amounts: [0n, 50_000_000n], price: dlmmBinPrice(250, 14), orders: null },
    {
      id: 15,
      amounts: [41_707_102n, 28_777n],
      price: dlmmBinPrice(250, 15),
      orders: { side: 'bid', open: 264_001_117_270n, processed: 400_644_670_508n },
    },
  ],
  window,
};

const movedBy = (outcome: QuoteOutcome): string =>
  outcome.outcome === 'quoted' ? `${outcome.quote.amountIn} > ${outcome.quote.amountOut}` : outcome.reason;

const movedOut = (outcome: QuoteOutcome): bigint =>
  outcome.outcome === 'quoted' ? outcome.quote.amountOut : 0n;

test.each([
  [28_778n, '20072 > 28778'],
  [28_779n, 'not-exact'], // 6085, as below.
  [28_780n, 'not-exact'],
  [28_785n, '20077 > 28785'],
  [30_000n, 'not-exact'],
  [30_002n, '20926 > 30002'],
  [1_000_000n, 'not-exact'],
  [300_000_000n, '209231988 > 300000000'],
  [300_000_001n, 'not-exact'],
  [400_644_699_284n, 'not-exact'],
  [400_644_699_285n, '279425621604 > 400644699285'],
  [400_644_700_000n, '279425622103 > 400644700000'],
  [664_645_816_554n, 'not-exact'],
  [664_645_816_555n, '463550549323 > 664645816555'],
])('DLMM: %d out of limit orders is %s', (amountOut, moved) => {
  expect(movedBy(quote(DLMM, { swapMode: 'exactOut', inputIndex: 0, amountOut, clock }))).toBe(moved);
});

test.each([
  [858_993n, 100n, 'quoted'],
  [858_994n, 100n, 'math-overflow'], // 6018
  [1_000_000n, 10n, 'quoted'], // Kept, not decayed.
  [1_000_000n, 700n, 'quoted'], // Reset.
])('DLMM: a volatility of %d that is %d s old is %s', (accumulator, age, outcome) => {
  const volatility = { ...DLMM.volatility, accumulator, lastUpdateAt: clock.unixTimestamp - age };
  const answer = quote(
    { ...DLMM, volatility },
    { swapMode: 'exactIn', inputIndex: 0, amountIn: 1_000n, clock },
  );
  expect(answer.outcome === 'quoted' ? 'quoted' : answer.reason).toBe(outcome);
});

const CPMM: RaydiumCpmmPool = {
  kind: 'raydium-cpmm',
  reserves: [1_000_000_000_000n, 3_000_000_000_000n],
  tradeFeeRate: 0n,
  protocolFeeRate: 120_000n,
  fundFeeRate: 40_000n,
  creatorFeeRate: 0n,
  creatorFeeOn: 'input',
  window,
};

test.each([
  ['input', 0n, 0, 'invalid-pool'], // 6006
  ['token0', 0n, 0, 'invalid-pool'],
  ['token0', 0n, 1, '1000 > 333'],
  ['input', 500n, 0, '1000 > 2996'],
] as const)(
  'CPMM without a trade fee: creator fee on %s of %d per million, token %d in, is %s',
  (creatorFeeOn, creatorFeeRate, inputIndex, moved) => {
    const pool = { ...CPMM, creatorFeeOn, creatorFeeRate };
    expect(movedBy(quote(pool, { swapMode: 'exactIn', inputIndex, amountIn: 1_000n, clock }))).toBe(moved);
  },
);

const DAMM_V2: MeteoraDammV2Pool = {
  kind: 'meteora-damm-v2',
  baseFee: {
    kind: 'time-scheduler',
    shape: 'linear',
    cliffFeeNumerator: 2_500_000n,
    numberOfPeriods: 0n,
    periodFrequency: 0n,
    reductionFactor: 0n,
  },
  dynamicFee: null,
  feeVersion: 1,
  activationPoint: 0n,
  pointKind: 'slot',
  sqrtPrice: 7_144_393_260_748_141_011n,
  initialSqrtPrice: 7_144_393_260_748_141_011n,
  sqrtMinPrice: 4_295_048_016n,
  sqrtMaxPrice: 79_226_673_521_066_979_257_578_248_091n,
  liquidity: 7_144_393_261_392_398_213_787_312_892_591n,
  collectFeeMode: 'output',
  reserves: [0n, 0n],
  protocolFeePercent: 20n,
  compoundingFeeBps: 0n,
  window,
};

test.each([
  ['exactIn', 50, 1_000_000n, 201n, '201 > 1315'],
  ['partialFill', 50, 1_000_000n, 201n, '200 > 1315'],
  ['partialFill', 300, 7n, 201n, '200 > 1282'],
] as const)(
  'DAMM v2: %s with a transfer fee of %d bps, at most %d, takes of %d: %s',
  (swapMode, feeBps, maximumFee, amountIn, moved) => {
    const fee = { feeBps, maximumFee };
    const request = { swapMode, inputIndex: 1, amountIn, clock, transferFees: [fee, fee] } as const;
    expect(movedBy(quote(DAMM_V2, request))).toBe(moved);
  },
);

/** The binary is asked by `npm run differential`, whose pools draw these schedules too. */
test.each([
  // [numberOfPeriods, periodFrequency, reductionFactor, activationPoint]; the clock stands at slot 5,000.
  [0n, 0n, 10_001n, 0n, 'quoted'], // No frequency: the fee is constant, whatever the reduction.
  [9n, 0n, 10_001n, 0n, 'quoted'],
  [9n, 0n, 2n ** 64n - 1n, 5_001n, 'quoted'],
  [9n, 0n, 10_000n, 0n, 'quoted'],
  [0n, 1n, 10_001n, 0n, 'math-overflow'], // With a frequency the base is made before the period is looked at.
  [9n, 1n, 10_001n, 5_000n, 'math-overflow'],
  [0n, 1n, 10_000n, 0n, 'quoted'],
  [9n, 1n, 10_000n, 5_000n, 'quoted'],
  [9n, 1n, 10_000n, 4_999n, 'math-overflow'], // A power of zero.
  [9n, 1n, 9_999n, 4_999n, 'quoted'],
] as const)(
  'DAMM v2: an exponential fee of %d periods of %d points less %d bps each, from slot %d, is %s',
  (numberOfPeriods, periodFrequency, reductionFactor, activationPoint, outcome) => {
    const schedule = { numberOfPeriods, periodFrequency, reductionFactor, shape: 'exponential' } as const;
    const pool = { ...DAMM_V2, activationPoint, baseFee: { ...DAMM_V2.baseFee, ...schedule } as const };
    const answer = quote(pool, { swapMode: 'exactIn', inputIndex: 0, amountIn: 1_000_000n, clock });
    expect(answer.outcome === 'quoted' ? 'quoted' : answer.reason).toBe(outcome);
    if (answer.outcome === 'quoted' && periodFrequency === 0n)
      expect(answer.quote.amountOut).toBe(
        movedOut(quote(DAMM_V2, { swapMode: 'exactIn', inputIndex: 0, amountIn: 1_000_000n, clock })),
      );
  },
);
