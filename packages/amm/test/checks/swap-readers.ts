import type { SysvarClock } from '../../src/clock.ts';
import type { Pool } from '../../src/pool.ts';
import type { MeteoraDammV2Swap } from '../../src/pools/meteora-damm-v2.ts';
import type { MeteoraDlmmSwap } from '../../src/pools/meteora-dlmm.ts';
import type { RaydiumClmmSwap } from '../../src/pools/raydium-clmm.ts';
import type { Swap, TokenIndex } from '../../src/swap.ts';
import { readMeteoraDammV2 } from './read-meteora-damm-v2.ts';
import { readMeteoraDlmm } from './read-meteora-dlmm.ts';
import { readRaydiumAmmV4 } from './read-raydium-amm-v4.ts';
import { readRaydiumClmm } from './read-raydium-clmm.ts';
import { readRaydiumCpmm } from './read-raydium-cpmm.ts';
import { integerOf, type Json } from './vector-fields.ts';

/** How the cases of one kind become a pool and a clock, and how a swap is named in `expected`. */
export interface SwapReader {
  readonly directions: Record<string, TokenIndex>;
  read(state: Json, entry: Json): { pool: Pool; clock: SysvarClock };
  describe(swap: Swap): Json;
}

export const READERS: Record<string, SwapReader> = {
  raydium_cpmm: {
    directions: { '0to1': 0, '1to0': 1 },
    read: (state) => ({ pool: readRaydiumCpmm(state), clock: clockAt(0n) }),
    describe: (swap) => ({ ...swap }),
  },
  raydium_amm_v4: {
    directions: { coin2pc: 0, pc2coin: 1 },
    read: (state) => ({ pool: readRaydiumAmmV4(state), clock: clockAt(0n) }),
    describe: (swap) => ({ ...swap, fee: swap.feeIn }),
  },
  raydium_clmm: {
    directions: { '0to1': 0, '1to0': 1 },
    read: (state, entry) => ({ pool: readRaydiumClmm(state), clock: clmmClock(state, entry) }),
    describe: (swap) => ({ ...swap, feeOn: (swap as RaydiumClmmSwap).feeSide }),
  },
  meteora_dlmm: {
    directions: { XtoY: 0, YtoX: 1 },
    read: (state, entry) => ({
      pool: readMeteoraDlmm(state),
      clock: clockAt(integerOf(entry, 'currentTimestamp')),
    }),
    describe: (swap) => ({ ...swap, feeOn: (swap as MeteoraDlmmSwap).feeSide }),
  },
  meteora_damm_v2: {
    directions: { AtoB: 0, BtoA: 1 },
    read: (state, entry) => ({
      pool: readMeteoraDammV2(state),
      clock: clockAt(integerOf(entry, 'currentPoint')),
    }),
    describe: (swap) => ({ ...swap, feeOn: (swap as MeteoraDammV2Swap).feeSide }),
  },
};

/** Vectors give one point of time, whatever the pool counts in. */
function clockAt(point: bigint): SysvarClock {
  return { slot: point, unixTimestamp: point };
}

/** Cases without a dynamic fee may leave the time out, since nothing depends on it. */
function clmmClock(state: Json, entry: Json): SysvarClock {
  const isTimeless = state.dyn === null && entry.blockTimestamp === undefined;
  return clockAt(isTimeless ? 0n : integerOf(entry, 'blockTimestamp'));
}
