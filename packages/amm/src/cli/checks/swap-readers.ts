import type { Clock } from '../../clock.ts';
import type { Pool } from '../../pool.ts';
import type { MeteoraDammV2Swap } from '../../pools/meteora-damm-v2.ts';
import type { RaydiumCpmmSwap } from '../../pools/raydium-cpmm.ts';
import type { Swap, TokenIndex } from '../../swap.ts';
import { readMeteoraDammV2 } from './read-meteora-damm-v2.ts';
import { readRaydiumCpmm } from './read-raydium-cpmm.ts';
import { integerOf, type Json } from './vector-fields.ts';

/** How the cases of one kind become a pool and a clock, and how a swap is named in `expected`. */
export interface SwapReader {
  readonly directions: Record<string, TokenIndex>;
  read(state: Json, entry: Json): { pool: Pool; clock: Clock };
  describe(swap: Swap): Json;
}

export const READERS: Record<string, SwapReader> = {
  raydium_cpmm: {
    directions: { '0to1': 0, '1to0': 1 },
    read: (state) => ({ pool: readRaydiumCpmm(state), clock: clockAt(0n) }),
    describe: (swap) => ({ ...(swap as RaydiumCpmmSwap) }),
  },
  meteora_damm_v2: {
    directions: { AtoB: 0, BtoA: 1 },
    read: (state, entry) => ({
      pool: readMeteoraDammV2(state),
      clock: clockAt(integerOf(entry, 'currentPoint')),
    }),
    describe: (swap) => ({ ...(swap as MeteoraDammV2Swap), feeOn: (swap as MeteoraDammV2Swap).feeSide }),
  },
};

/** Vectors give one point of time, whatever the pool counts in. */
function clockAt(point: bigint): Clock {
  return { slot: point, unixTimestamp: point };
}
