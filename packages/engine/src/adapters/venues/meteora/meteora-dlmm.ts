import {
  decodeMeteoraDlmmBinArray,
  decodeMeteoraDlmmPool,
  METEORA_DLMM_PROGRAM,
  type MeteoraDlmmPool,
  type Pool,
  toMeteoraDlmmPool,
} from '@oee/amm';
import { createPoolDerivation } from '../derived-address.ts';
import type { PoolProgram } from '../pool-program.ts';
import { MEMO_PROGRAM, SPL_TOKEN_PROGRAM, TOKEN_2022_PROGRAM } from '../token-programs.ts';
import { type DlmmPoolAddresses, dlmmSwapInstruction, METEORA_DLMM_EVENT_AUTHORITY } from './dlmm-swap.ts';

const BINS_PER_ARRAY = 70;
/** Read per pool, and named in every swap: those nearest to the price when the pool was last looked for. */
const MAX_BIN_ARRAYS = 3;

const deriveAddress = createPoolDerivation(METEORA_DLMM_PROGRAM);

/** Meteora's DLMM pools, as far as the bin arrays reach that are read. */
export const meteoraDlmm: PoolProgram<DlmmPoolAddresses> = {
  venue: 'meteora-dlmm',
  kind: 'meteora-dlmm',
  programAddress: METEORA_DLMM_PROGRAM,
  sharedAccounts: [METEORA_DLMM_EVENT_AUTHORITY, METEORA_DLMM_PROGRAM, MEMO_PROGRAM],
  // 45,000 at 2 bins and 516,000 at 75 on mainnet's build.
  swapComputeUnits: 250_000,
  accountLength: 904,
  async addressesOf(pool, data) {
    const decoded = decodeMeteoraDlmmPool(data);
    const { mints, vaults, oracle, tokenFlags } = decoded;
    const programOf = (flag: number) => (flag === 0 ? SPL_TOKEN_PROGRAM : TOKEN_2022_PROGRAM);
    const tokenPrograms = [programOf(tokenFlags[0]), programOf(tokenFlags[1])] as const;
    const nearest = nearestArrays(decoded.binArrayIndexes, decoded.pool.activeId);
    const binArrays = await Promise.all(nearest.map((index) => binArrayAddress(pool, index)));
    return { pool, mints, vaults, tokenPrograms, oracle, binArrays };
  },
  moreAccounts: ({ binArrays }) => binArrays,
  read(addresses, { data, vaultAmounts }) {
    const pool = toMeteoraDlmmPool({
      pool: decodeMeteoraDlmmPool(data(addresses.pool)),
      binArrays: addresses.binArrays.map((address) => decodeMeteoraDlmmBinArray(data(address))),
    });
    return { pool, reserves: [...vaultAmounts] };
  },
  feeBps: baseFeeBps,
  swapInstruction: dlmmSwapInstruction,
};

function nearestArrays(indexes: readonly number[], activeId: number): number[] {
  const active = Math.floor(activeId / BINS_PER_ARRAY);
  const byDistance = [...indexes].sort((a, b) => Math.abs(a - active) - Math.abs(b - active));
  return byDistance.slice(0, MAX_BIN_ARRAYS).sort((a, b) => a - b);
}

function binArrayAddress(pool: string, index: number): Promise<string> {
  const seed = new Uint8Array(8);
  new DataView(seed.buffer).setBigInt64(0, BigInt(index), true);
  return deriveAddress('bin_array', pool, seed);
}

/** Without the part that follows volatility; per 1,000,000,000 in the program, which caps it at 10 %. */
function baseFeeBps(state: Pool): number {
  const { baseFactor, binStep, baseFeePowerFactor } = state as MeteoraDlmmPool;
  const rate = Number(baseFactor * binStep * 10n * 10n ** baseFeePowerFactor);
  return Math.min(rate, 100_000_000) / 100_000;
}
