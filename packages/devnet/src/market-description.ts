import type { DevnetPool, DevnetToken } from './genesis.ts';

/** What the devnet's market consists of. */
export interface MarketDescription {
  readonly mood: string;
  readonly tokens: readonly DevnetToken[];
  readonly pools: readonly DevnetPool[];
}
