import { joinVenues } from '../adapters/venues/join-venues.ts';
import { dlmmSwapInspector } from '../adapters/venues/meteora/dlmm-swap.ts';
import { meteoraDammV2 } from '../adapters/venues/meteora/meteora-damm-v2.ts';
import { meteoraDlmm } from '../adapters/venues/meteora/meteora-dlmm.ts';
import { meteoraSwapInspector } from '../adapters/venues/meteora/meteora-swap.ts';
import { createPoolVenue, type PoolVenue, type PoolVenueOptions } from '../adapters/venues/pool-venue.ts';
import { ammV4Errors } from '../adapters/venues/raydium/amm-v4-errors.ts';
import { ammV4SwapInspector } from '../adapters/venues/raydium/amm-v4-swap.ts';
import { clmmSwapInspector } from '../adapters/venues/raydium/clmm-swap.ts';
import { createRaydiumAmmV4 } from '../adapters/venues/raydium/raydium-amm-v4.ts';
import { raydiumClmm } from '../adapters/venues/raydium/raydium-clmm.ts';
import { raydiumCpmm } from '../adapters/venues/raydium/raydium-cpmm.ts';
import { raydiumSwapInspector } from '../adapters/venues/raydium/raydium-swap.ts';
import type { TrySwap } from '../adapters/venues/try-swap.ts';
import type { ProgramErrors } from '../ports/chain.ts';
import type { SwapInspector } from '../ports/swap-inspector.ts';

/** The exchanges whose pools are quoted here, without any pool before they look for them. */
export const createPoolVenues = (options: PoolVenueOptions & { readonly trySwap: TrySwap }): PoolVenue[] => [
  joinVenues('raydium', [
    createPoolVenue(raydiumCpmm, options),
    createPoolVenue(createRaydiumAmmV4(options.trySwap), options),
    createPoolVenue(raydiumClmm, options),
  ]),
  createPoolVenue(meteoraDammV2, options),
  createPoolVenue(meteoraDlmm, options),
];

/** What their programs refuse, by their codes. */
export const POOL_PROGRAM_ERRORS: readonly ProgramErrors[] = [
  raydiumCpmm.errors,
  ammV4Errors,
  raydiumClmm.errors,
  meteoraDammV2.errors,
  meteoraDlmm.errors,
];

/** How the signer reads their swaps. */
export const POOL_SWAP_INSPECTORS: readonly SwapInspector[] = [
  raydiumSwapInspector,
  ammV4SwapInspector,
  clmmSwapInspector,
  meteoraSwapInspector,
  dlmmSwapInspector,
];
