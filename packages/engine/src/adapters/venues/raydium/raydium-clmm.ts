import {
  CLMM_TICKS_PER_ARRAY,
  decodeRaydiumClmmBitmapExtension,
  decodeRaydiumClmmConfig,
  decodeRaydiumClmmPool,
  decodeRaydiumClmmTickArray,
  type Pool,
  RAYDIUM_CLMM_PROGRAM,
  type RaydiumClmmPool,
  type RaydiumClmmPoolAccount,
  toRaydiumClmmPool,
} from '@oee/amm';
import { createPoolDerivation, MEMO_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { PoolProgram } from '../pool-program.ts';
import { clmmErrors } from './clmm-errors.ts';
import { type ClmmPoolAddresses, clmmSwapInstruction, type TickArrayAddress } from './clmm-swap.ts';

/** Arrays on either side of the one at the price that are read per pool and named in every swap. */
const ARRAYS_EACH_WAY = 2;
/** From this spacing on the pool's own bitmap covers every tick, and there is no extension. */
const LEAST_SPACING_WITHOUT_EXTENSION = 15;

const deriveAddress = createPoolDerivation(RAYDIUM_CLMM_PROGRAM);

/** Raydium's concentrated pools. Quotes reach as far as the tick arrays that were read. */
export const raydiumClmm: PoolProgram<ClmmPoolAddresses> = {
  venue: 'raydium',
  kind: 'raydium-clmm',
  programAddress: RAYDIUM_CLMM_PROGRAM,
  errors: clmmErrors,
  sharedAccounts: [TOKEN_PROGRAM, MEMO_PROGRAM],
  swapComputeUnits: 250_000,
  accountLength: 1_544,
  async addressesOf(pool, data, read) {
    const account = decodeRaydiumClmmPool(data);
    const { ammConfig, mints, vaults, observation } = account;
    const extension = await readExtension(pool, account, read);
    const nearest = nearestStarts(account, extension?.data);
    const tickArrays = await Promise.all(
      nearest.map(async (startTick) => ({ startTick, address: await tickArrayAddress(pool, startTick) })),
    );
    const bitmapExtension = extension?.address ?? null;
    return { pool, mints, vaults, ammConfig, observation, bitmapExtension, tickArrays };
  },
  moreAccounts: ({ ammConfig, bitmapExtension, tickArrays }) => [
    ammConfig,
    ...(bitmapExtension === null ? [] : [bitmapExtension]),
    ...tickArrays.map(({ address }) => address),
  ],
  read(addresses, { data, vaultAmounts }) {
    const account = decodeRaydiumClmmPool(data(addresses.pool));
    const { bitmapExtension } = addresses;
    const starts = startsOf(account, bitmapExtension === null ? undefined : data(bitmapExtension));
    const pool = toRaydiumClmmPool({
      pool: account,
      config: decodeRaydiumClmmConfig(data(addresses.ammConfig)),
      tickArrays: reachable(addresses.tickArrays, starts, currentStart(account)).map(({ address }) =>
        decodeRaydiumClmmTickArray(data(address)),
      ),
    });
    return { pool, reserves: [...vaultAmounts] };
  },
  // The fee without the part that follows volatility; rates are per 1,000,000.
  feeBps: (pool: Pool) => Number((pool as RaydiumClmmPool).tradeFeeRate) / 100,
  swapInstruction: clmmSwapInstruction,
};

type TickPlace = Pick<RaydiumClmmPoolAccount, 'tick' | 'tickSpacing' | 'tickArrayStarts'>;

async function readExtension(
  pool: string,
  { tickSpacing }: TickPlace,
  read: (address: string) => Promise<Uint8Array | undefined>,
): Promise<{ readonly address: string; readonly data: Uint8Array } | null> {
  if (tickSpacing >= LEAST_SPACING_WITHOUT_EXTENSION) return null;
  const address = await deriveAddress('pool_tick_array_bitmap_extension', pool);
  const data = await read(address);
  return data ? { address, data } : null;
}

/** The array at the price if it is initialized, and the next ones each way. */
function nearestStarts(account: TickPlace, extension: Uint8Array | undefined): number[] {
  const starts = startsOf(account, extension);
  const current = currentStart(account);
  return [
    ...starts.filter((start) => start < current).slice(-ARRAYS_EACH_WAY),
    ...starts.filter((start) => start === current),
    ...starts.filter((start) => start > current).slice(0, ARRAYS_EACH_WAY),
  ];
}

/** Start ticks of all initialized arrays, ascending. */
function startsOf(account: TickPlace, extension: Uint8Array | undefined): number[] {
  const far = extension ? decodeRaydiumClmmBitmapExtension(extension, account.tickSpacing) : [];
  return [...account.tickArrayStarts, ...far].sort((a, b) => a - b);
}

function currentStart({ tick, tickSpacing }: TickPlace): number {
  const width = CLMM_TICKS_PER_ARRAY * tickSpacing;
  return Math.floor(tick / width) * width;
}

/**
 * The known arrays that the program would pass in a row. The list ends before an array that was initialized since and
 * that a transaction would not name, so no liquidity beyond it counts.
 */
function reachable(
  known: readonly TickArrayAddress[],
  starts: readonly number[],
  current: number,
): TickArrayAddress[] {
  const byStart = new Map(known.map((each) => [each.startTick, each]));
  const passed = (inOrder: readonly number[]): TickArrayAddress[] => {
    const unknown = inOrder.findIndex((start) => !byStart.has(start));
    const named = unknown < 0 ? inOrder : inOrder.slice(0, unknown);
    return named.map((start) => byStart.get(start) as TickArrayAddress);
  };
  if (starts.includes(current) && !byStart.has(current)) return [];
  return [
    ...passed(starts.filter((start) => start <= current).reverse()),
    ...passed(starts.filter((start) => start > current)),
  ];
}

function tickArrayAddress(pool: string, startTick: number): Promise<string> {
  const index = new Uint8Array(4);
  new DataView(index.buffer).setInt32(0, startTick); // Big endian, as in states/tick_array.rs.
  return deriveAddress('tick_array', pool, index);
}
