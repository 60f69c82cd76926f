import type { DevnetPool, DevnetToken } from './genesis.ts';

/** What the devnet's market consists of. */
export interface MarketDescription {
  readonly mood: string;
  readonly tokens: readonly DevnetToken[];
  readonly pools: readonly DevnetPool[];
  /** Address lookup tables that hold what swaps of the pools name. */
  readonly lookupTables: readonly string[];
}
