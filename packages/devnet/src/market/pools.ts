import type { DammDynamicFee } from '../pools/meteora-damm-v2.ts';

/** A pool of the devnet before it is laid out in accounts. */
export type MarketPool =
  | { kind: 'raydium-cpmm'; base: string; quote: string; depthUsd: bigint; configIndex: number }
  | { kind: 'raydium-amm-v4'; base: string; quote: string; depthUsd: bigint }
  | { kind: 'raydium-clmm'; base: string; quote: string; depthUsd: bigint; configIndex: number }
  | {
      kind: 'meteora-damm-v2';
      base: string;
      quote: string;
      depthUsd: bigint;
      feeBps: number;
      /** 0: the fee is taken from the output. 1: always in the quote token. */
      collectFeeMode: 0 | 1;
      dynamicFee?: DammDynamicFee;
    }
  | {
      kind: 'meteora-dlmm';
      base: string;
      quote: string;
      depthUsd: bigint;
      /** Basis points between two bins. */
      binStep: number;
      feeBps: number;
      /** Most basis points that volatility adds to the fee. */
      volatileBps: number;
    };

/** Raydium's fee configurations by index. Rates per 1,000,000; index 0 is the one that most mainnet pools use. */
export const CPMM_CONFIGS: readonly { index: number; tradeFeeRate: bigint }[] = [
  { index: 0, tradeFeeRate: 2_500n },
  { index: 1, tradeFeeRate: 10_000n },
  { index: 4, tradeFeeRate: 100n },
  { index: 5, tradeFeeRate: 500n },
];

/** Of its concentrated pools, as on mainnet. */
export const CLMM_CONFIGS: readonly { index: number; tradeFeeRate: number; tickSpacing: number }[] = [
  { index: 1, tradeFeeRate: 2_500, tickSpacing: 60 },
];

/** Of the trade fee: 12 % to the protocol, 4 % to the fund, as on mainnet. */
export const RAYDIUM_PROTOCOL_RATE = 120_000n;
export const RAYDIUM_FUND_RATE = 40_000n;
export const CPMM_CREATOR_RATE = 500n;
export const DAMM_PROTOCOL_PERCENT = 20;
export const DLMM_PROTOCOL_BPS = 1_000;

/** `depthUsd` is the worth of one side. Both venues have every main pair; some pairs are on one venue only. */
export const MARKET_POOLS: readonly MarketPool[] = [
  cpmm('SOL', 'USDC', 14_000_000n),
  damm('SOL', 'USDC', 11_000_000n, 25, 1),
  cpmm('SOL', 'USDT', 6_000_000n),
  damm('SOL', 'USDT', 5_000_000n, 30, 1),
  cpmm('USDC', 'USDT', 8_000_000n, 4),
  damm('USDC', 'USDT', 6_500_000n, 1, 0),
  cpmm('JUP', 'USDC', 2_400_000n),
  damm('JUP', 'USDC', 2_100_000n, 25, 0),
  cpmm('RAY', 'SOL', 3_200_000n),
  damm('RAY', 'SOL', 2_400_000n, 30, 1),
  cpmm('BONK', 'SOL', 2_600_000n),
  damm('BONK', 'SOL', 2_200_000n, 25, 1, volatile(5)),
  cpmm('WIF', 'SOL', 1_500_000n),
  damm('WIF', 'SOL', 1_300_000n, 30, 0),
  cpmm('PYTH', 'USDC', 900_000n),
  damm('PYTH', 'USDC', 1_000_000n, 30, 1),
  cpmm('mSOL', 'SOL', 4_500_000n, 5),
  damm('mSOL', 'SOL', 3_600_000n, 4, 0),
  cpmm('JitoSOL', 'SOL', 7_000_000n, 5),
  damm('JitoSOL', 'SOL', 5_200_000n, 4, 0),
  cpmm('JUP', 'SOL', 700_000n, 1),
  cpmm('RAY', 'USDC', 1_800_000n),
  damm('WIF', 'USDC', 600_000n, 100, 0),
  dlmm('SOL', 'USDC', 2_000_000n, { binStep: 20, feeBps: 20, volatileBps: 30 }),
  dlmm('PYTH', 'USDC', 300_000n, { binStep: 25, feeBps: 30, volatileBps: 50 }),
  { kind: 'raydium-amm-v4', base: 'RAY', quote: 'USDC', depthUsd: 1_200_000n },
  { kind: 'raydium-clmm', base: 'RAY', quote: 'USDC', depthUsd: 900_000n, configIndex: 1 },
  cpmm('BTC', 'USDC', 6_000_000n),
  damm('BTC', 'USDC', 4_500_000n, 20, 1),
  { kind: 'raydium-clmm', base: 'BTC', quote: 'SOL', depthUsd: 2_000_000n, configIndex: 1 },
  cpmm('ETH', 'USDC', 5_000_000n),
  dlmm('ETH', 'USDC', 1_500_000n, { binStep: 20, feeBps: 20, volatileBps: 30 }),
  damm('ETH', 'SOL', 2_200_000n, 25, 1),
  cpmm('BNB', 'USDC', 1_600_000n),
  damm('BNB', 'USDC', 1_300_000n, 30, 0),
  { kind: 'raydium-amm-v4', base: 'BNB', quote: 'SOL', depthUsd: 900_000n },
];

function cpmm(base: string, quote: string, depthUsd: bigint, configIndex = 0): MarketPool {
  return { kind: 'raydium-cpmm', base, quote, depthUsd, configIndex };
}

function damm(
  base: string,
  quote: string,
  depthUsd: bigint,
  feeBps: number,
  collectFeeMode: 0 | 1,
  dynamicFee?: DammDynamicFee,
): MarketPool {
  const pool = { kind: 'meteora-damm-v2', base, quote, depthUsd, feeBps, collectFeeMode } as const;
  return dynamicFee ? { ...pool, dynamicFee } : pool;
}

function dlmm(
  base: string,
  quote: string,
  depthUsd: bigint,
  fees: { binStep: number; feeBps: number; volatileBps: number },
): MarketPool {
  return { kind: 'meteora-dlmm', base, quote, depthUsd, ...fees };
}

/** Mainnet's usual times of the dynamic fee, and a control that adds at most `mostBps` basis points. */
function volatile(mostBps: number): DammDynamicFee {
  const binStep = 1;
  const maxVolatilityAccumulator = 14_460_000;
  // The added fee, per 1e9, is control * (accumulator * binStep)^2 / 1e11.
  const most = BigInt(mostBps) * 100_000n;
  const square = BigInt(maxVolatilityAccumulator * binStep) ** 2n;
  return {
    binStep,
    maxVolatilityAccumulator,
    variableFeeControl: Number((most * 10n ** 11n) / square),
    filterPeriod: 10,
    decayPeriod: 120,
    reductionFactor: 5_000,
  };
}
