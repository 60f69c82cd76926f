import {
  DLMM_BINS_PER_ARRAY,
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmBitmapExtension,
  decodeMeteoraDlmmPool,
  METEORA_DLMM_PROGRAM,
  type MeteoraDlmmPool,
  type MeteoraDlmmPoolAccount,
  type Pool,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { createPoolDerivation, MEMO_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '@oee/solana';
import type { PoolProgram } from '../pool-program.ts';
import { dlmmErrors } from './dlmm-errors.ts';
import {
  type BinArrayAddress,
  DLMM_ARRAYS_AHEAD,
  type DlmmPoolAddresses,
  dlmmSwapInstruction,
  METEORA_DLMM_EVENT_AUTHORITY,
} from './dlmm-swap.ts';

/** Arrays read per pool on either side of the one at its price. */
const ARRAYS_EACH_WAY = DLMM_ARRAYS_AHEAD - 1;
/** From this array on, up or down, the next arrays may lie beyond the pool's own bitmap, which covers 512 each way. */
const FIRST_NEAR_EXTENSION = 448;

const deriveAddress = createPoolDerivation(METEORA_DLMM_PROGRAM);

/** Meteora's DLMM pools. Quotes reach as far as the bin arrays that were read. */
export const meteoraDlmm: PoolProgram<DlmmPoolAddresses> = {
  venue: 'meteora-dlmm',
  kind: 'meteora-dlmm',
  programAddress: METEORA_DLMM_PROGRAM,
  errors: dlmmErrors,
  sharedAccounts: [METEORA_DLMM_EVENT_AUTHORITY, METEORA_DLMM_PROGRAM, MEMO_PROGRAM],
  // On mainnet's build: 45,000 for 2 bins, 516,000 for 75.
  swapComputeUnits: 250_000,
  accountLength: 904,
  async addressesOf(pool, data, read) {
    const account = decodeMeteoraDlmmPool(data);
    const { mints, vaults, oracle, tokenFlags } = account;
    const programOf = (flag: number) => (flag === 0 ? TOKEN_PROGRAM : TOKEN_2022_PROGRAM);
    const tokenPrograms = [programOf(tokenFlags[0]), programOf(tokenFlags[1])] as const;
    const extension = await readExtension(pool, account, read);
    const binArrays = await Promise.all(
      nearestArrays(account, extension?.data).map(async (index) => ({
        index,
        address: await binArrayAddress(pool, index),
      })),
    );
    const bitmapExtension = extension?.address ?? null;
    return { pool, mints, vaults, tokenPrograms, oracle, bitmapExtension, binArrays };
  },
  moreAccounts: ({ bitmapExtension, binArrays }) => [
    ...(bitmapExtension === null ? [] : [bitmapExtension]),
    ...binArrays.map(({ address }) => address),
  ],
  read(addresses, { data, vaultAmounts }) {
    const { binArrays, bitmapExtension } = addresses;
    const account = decodeMeteoraDlmmPool(data(addresses.pool));
    const indexes = indexesOf(account, bitmapExtension === null ? undefined : data(bitmapExtension));
    const pool = toMeteoraDlmmPool({
      pool: account,
      binArrays: reachable(binArrays, indexes, activeArray(account)).map(({ address }) =>
        decodeMeteoraDlmmBinArray(data(address)),
      ),
    });
    return { pool, reserves: [...vaultAmounts] };
  },
  feeBps: baseFeeBps,
  swapInstruction: (addresses, swap, pool) =>
    dlmmSwapInstruction(addresses, swap, (pool as MeteoraDlmmPool | undefined)?.activeId),
};

async function readExtension(
  pool: string,
  account: MeteoraDlmmPoolAccount,
  read: (address: string) => Promise<Uint8Array | undefined>,
): Promise<{ readonly address: string; readonly data: Uint8Array } | null> {
  const active = activeArray(account);
  if (active < FIRST_NEAR_EXTENSION && active >= -FIRST_NEAR_EXTENSION) return null;
  const address = await deriveAddress('bitmap', pool);
  const data = await read(address);
  return data ? { address, data } : null;
}

const activeArray = ({ pool }: MeteoraDlmmPoolAccount): number =>
  Math.floor(pool.activeId / DLMM_BINS_PER_ARRAY);

/** Indexes of all initialized arrays, ascending. */
function indexesOf(account: MeteoraDlmmPoolAccount, extension: Uint8Array | undefined): number[] {
  const far = extension ? decodeMeteoraDlmmBitmapExtension(extension) : [];
  return [...account.binArrayIndexes, ...far].sort((a, b) => a - b);
}

/** The array at the price if it is initialized, and the next ones each way. */
function nearestArrays(account: MeteoraDlmmPoolAccount, extension: Uint8Array | undefined): number[] {
  const indexes = indexesOf(account, extension);
  const active = activeArray(account);
  return [
    ...indexes.filter((index) => index < active).slice(-ARRAYS_EACH_WAY),
    ...indexes.filter((index) => index === active),
    ...indexes.filter((index) => index > active).slice(0, ARRAYS_EACH_WAY),
  ];
}

/**
 * The known arrays that the program would pass in a row, at most as many each way as a swap names. The list ends before
 * an array that was initialized since and that a transaction would not name, so no liquidity beyond it counts.
 */
function reachable(
  known: readonly BinArrayAddress[],
  indexes: readonly number[],
  active: number,
): readonly BinArrayAddress[] {
  const byIndex = new Map(known.map((each) => [each.index, each]));
  const passed = (inOrder: readonly number[]): BinArrayAddress[] => {
    const ahead = inOrder.slice(0, DLMM_ARRAYS_AHEAD);
    const unknown = ahead.findIndex((index) => !byIndex.has(index));
    const named = unknown < 0 ? ahead : ahead.slice(0, unknown);
    return named.map((index) => byIndex.get(index) as BinArrayAddress);
  };
  const down = passed(indexes.filter((index) => index <= active).reverse());
  const up = passed(indexes.filter((index) => index >= active));
  return [...new Set([...down, ...up])];
}

function binArrayAddress(pool: string, index: number): Promise<string> {
  const seed = new Uint8Array(8);
  new DataView(seed.buffer).setBigInt64(0, BigInt(index), true);
  return deriveAddress('bin_array', pool, seed);
}

/** The fee without the part that follows volatility. The program counts it per 1,000,000,000 and caps it at 10 %. */
function baseFeeBps(state: Pool): number {
  const { baseFactor, binStep, baseFeePowerFactor } = state as MeteoraDlmmPool;
  const rate = Number(baseFactor * binStep * 10n * 10n ** baseFeePowerFactor);
  return Math.min(rate, 100_000_000) / 100_000;
}
