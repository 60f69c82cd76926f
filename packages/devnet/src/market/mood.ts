/** How busy the market is. `none`: tokens and pools, but no simulated traders. */
export type MarketMood = 'none' | 'calm' | 'wild';

/** A mood in numbers. */
export interface Activity {
  /** Multiplies the fair price's moves; 1 is about 80 % a year for SOL at 400 ms slots. */
  readonly volatility: number;
  /** Probabilities per slot, in percent, one per noise trade. */
  readonly noiseChancesPercent: readonly number[];
  /** The size of a noise trade, in hundredths of a basis point of the pool's reserve. */
  readonly noiseShare: { readonly least: number; readonly most: number };
  readonly arbitrageChancePercent: number;
  readonly arbitrageTradesPerSlot: number;
}

export const ACTIVITY: Record<Exclude<MarketMood, 'none'>, Activity> = {
  calm: {
    volatility: 1,
    noiseChancesPercent: [30],
    noiseShare: { least: 10, most: 1_500 },
    arbitrageChancePercent: 50,
    arbitrageTradesPerSlot: 1,
  },
  wild: {
    volatility: 4,
    noiseChancesPercent: [90, 50],
    noiseShare: { least: 100, most: 9_000 },
    arbitrageChancePercent: 70,
    arbitrageTradesPerSlot: 2,
  },
};
