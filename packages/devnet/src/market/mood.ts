/** How busy the market is. `none`: tokens and pools, but nobody trades by themselves. */
export type MarketMood = 'none' | 'calm' | 'wild';
