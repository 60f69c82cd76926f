import type { ClmmAddresses } from '../pools/clmm-state.ts';
import type { DlmmAddresses } from '../pools/dlmm-state.ts';
import type { DammAddresses } from '../pools/meteora-damm-v2.ts';
import type { AmmV4Addresses } from '../pools/raydium-amm-v4.ts';
import type { CpmmAddresses } from '../pools/raydium-cpmm.ts';

/** A pool of the market with the addresses of its accounts. */
export type PlacedPool = {
  readonly address: string;
  readonly mint0: string;
  readonly mint1: string;
  /** The fee without any dynamic part. */
  readonly feeBps: number;
} & (
  | { readonly kind: 'raydium-cpmm'; readonly parts: CpmmAddresses }
  | { readonly kind: 'raydium-clmm'; readonly parts: ClmmAddresses }
  | { readonly kind: 'raydium-amm-v4'; readonly parts: AmmV4Addresses }
  | { readonly kind: 'meteora-damm-v2'; readonly parts: DammAddresses }
  | { readonly kind: 'meteora-dlmm'; readonly parts: DlmmAddresses }
);
