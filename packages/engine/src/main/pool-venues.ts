import { joinVenues } from '../adapters/venues/join-venues.ts';
import { dlmmSwapInspector } from '../adapters/venues/meteora/dlmm-swap.ts';
import { meteoraDammV2 } from '../adapters/venues/meteora/meteora-damm-v2.ts';
import { meteoraDlmm } from '../adapters/venues/meteora/meteora-dlmm.ts';
import { meteoraSwapInspector } from '../adapters/venues/meteora/meteora-swap.ts';
import type { PoolProgram } from '../adapters/venues/pool-program.ts';
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

/** One kind of pool: how it is quoted, what its program refuses by code, how the signer reads its swaps. */
interface TradedKind {
  readonly program: (trySwap: TrySwap) => PoolProgram;
  readonly errors: ProgramErrors;
  readonly inspector: SwapInspector;
}

const RAYDIUM: readonly TradedKind[] = [
  { program: () => raydiumCpmm, errors: raydiumCpmm.errors, inspector: raydiumSwapInspector },
  { program: createRaydiumAmmV4, errors: ammV4Errors, inspector: ammV4SwapInspector },
  { program: () => raydiumClmm, errors: raydiumClmm.errors, inspector: clmmSwapInspector },
];

const METEORA: readonly TradedKind[] = [
  { program: () => meteoraDammV2, errors: meteoraDammV2.errors, inspector: meteoraSwapInspector },
  { program: () => meteoraDlmm, errors: meteoraDlmm.errors, inspector: dlmmSwapInspector },
];

const TRADED = [...RAYDIUM, ...METEORA];

/** The exchanges whose pools the engine quotes; they have no pools before the first discovery. */
export function createPoolVenues(options: PoolVenueOptions & { readonly trySwap: TrySwap }): PoolVenue[] {
  const venueOf = ({ program }: TradedKind) => createPoolVenue(program(options.trySwap), options);
  return [joinVenues('raydium', RAYDIUM.map(venueOf)), ...METEORA.map(venueOf)];
}

export const POOL_PROGRAM_ERRORS: readonly ProgramErrors[] = TRADED.map(({ errors }) => errors);

export const POOL_SWAP_INSPECTORS: readonly SwapInspector[] = TRADED.map(({ inspector }) => inspector);
