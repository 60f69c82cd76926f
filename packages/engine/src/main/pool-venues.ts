import { joinVenues } from '../adapters/venues/join-venues.ts';
import { dlmmSwapInspector } from '../adapters/venues/meteora/dlmm-swap.ts';
import { meteoraDammV2 } from '../adapters/venues/meteora/meteora-damm-v2.ts';
import { meteoraDlmm } from '../adapters/venues/meteora/meteora-dlmm.ts';
import { meteoraSwapInspector } from '../adapters/venues/meteora/meteora-swap.ts';
import { createPoolVenue, type PoolVenue, type PoolVenueOptions } from '../adapters/venues/pool-venue.ts';
import { ammV4SwapInspector } from '../adapters/venues/raydium/amm-v4-swap.ts';
import { clmmSwapInspector } from '../adapters/venues/raydium/clmm-swap.ts';
import { raydiumAmmV4 } from '../adapters/venues/raydium/raydium-amm-v4.ts';
import { raydiumClmm } from '../adapters/venues/raydium/raydium-clmm.ts';
import { raydiumCpmm } from '../adapters/venues/raydium/raydium-cpmm.ts';
import { raydiumSwapInspector } from '../adapters/venues/raydium/raydium-swap.ts';
import type { ProgramErrors } from '../ports/chain.ts';
import type { SwapInspector } from '../ports/swap-inspector.ts';

/** The exchanges whose pools are quoted here, without any pool before they look for them. */
export const createPoolVenues = (options: PoolVenueOptions): PoolVenue[] => [
  joinVenues('raydium', [
    createPoolVenue(raydiumCpmm, options),
    createPoolVenue(raydiumAmmV4, options),
    createPoolVenue(raydiumClmm, options),
  ]),
  createPoolVenue(meteoraDammV2, options),
  createPoolVenue(meteoraDlmm, options),
];

/** What their programs refuse, by their codes. */
export const POOL_PROGRAM_ERRORS: readonly ProgramErrors[] = [
  raydiumCpmm,
  raydiumAmmV4,
  raydiumClmm,
  meteoraDammV2,
  meteoraDlmm,
].map(({ errors }) => errors);

/** How the signer reads their swaps. */
export const POOL_SWAP_INSPECTORS: readonly SwapInspector[] = [
  raydiumSwapInspector,
  ammV4SwapInspector,
  clmmSwapInspector,
  meteoraSwapInspector,
  dlmmSwapInspector,
];
