import { dlmmBinPrice } from '@oee/amm';
import { BINS_PER_ARRAY, type DlmmBinState, dlmmArrayIndex } from '../pools/dlmm-state.ts';
import { createDlmmPool, createDlmmVaults, deriveDlmmAddresses } from '../pools/meteora-dlmm.ts';
import type { NewPool, PoolSide } from './new-pool.ts';
import { DLMM_PROTOCOL_BPS } from './pools.ts';

/** Arrays on either side of the active bin's: at steps of 20 bps at least 14 % of price movement. */
const ARRAYS_ASIDE = 1;
/** Bins that a swap must cross for the maximum volatility fee. */
const BINS_TO_MOST = 35;

/** A pool whose depth is the same in every bin around its start price: X above it, Y below it, both in it. */
export async function newDlmmPool(pool: {
  base: PoolSide;
  quote: PoolSide;
  /** Basis points between two bins. */
  binStep: number;
  feeBps: number;
  /** Most basis points that volatility adds to the fee. */
  volatileBps: number;
}): Promise<NewPool> {
  const { base, quote, binStep, feeBps } = pool;
  const [amountX, amountY] = [base.amount, quote.amount];
  const activeId = nearestBin(Number(amountY) / Number(amountX), binStep);
  const bins = evenBins({ activeId, binStep, amountX, amountY });
  const arrayIndexes = [...new Set(bins.map(({ id }) => dlmmArrayIndex(id)))];
  const baseFactor = (feeBps * 10_000) / binStep;
  const mints = { mintX: base.mint, mintY: quote.mint };
  const parts = await deriveDlmmAddresses({ ...mints, binStep, baseFactor, arrayIndexes });
  const state = {
    ...volatility(pool),
    activeId,
    binStep,
    baseFactor,
    protocolShare: DLMM_PROTOCOL_BPS,
    bins,
  };
  const held = (read: (bin: DlmmBinState) => bigint) => bins.reduce((sum, bin) => sum + read(bin), 0n);
  const vaults = createDlmmVaults(parts, { amountX: held(({ x }) => x), amountY: held(({ y }) => y) });
  return {
    pool: {
      kind: 'meteora-dlmm',
      address: parts.pool,
      mint0: base.mint,
      mint1: quote.mint,
      feeBps,
      parts,
    },
    accounts: [...(await createDlmmPool(parts, state)), ...vaults],
  };
}

/** @param price Y per X, base units. */
const nearestBin = (price: number, binStep: number): number =>
  Math.round(Math.log(price) / Math.log(1 + binStep / 10_000));

function evenBins(shape: {
  activeId: number;
  binStep: number;
  amountX: bigint;
  amountY: bigint;
}): DlmmBinState[] {
  const { activeId, binStep, amountY } = shape;
  const middle = dlmmArrayIndex(activeId);
  const first = (middle - ARRAYS_ASIDE) * BINS_PER_ARRAY;
  const count = (2 * ARRAYS_ASIDE + 1) * BINS_PER_ARRAY;
  const perBin = (2n * amountY) / BigInt(count); // Worth, in Y.
  return Array.from({ length: count }, (_, index) => first + index).map((id) => {
    const inX = (worth: bigint) => (worth << 64n) / dlmmBinPrice(binStep, id);
    if (id === activeId) return { id, x: inX(perBin / 2n), y: perBin / 2n };
    return id > activeId ? { id, x: inX(perBin), y: 0n } : { id, x: 0n, y: perBin };
  });
}

/** Mainnet's usual times, and a control with which crossing `BINS_TO_MOST` bins at once adds the pool's maximum fee. */
function volatility({ binStep, volatileBps }: { binStep: number; volatileBps: number }) {
  const maxVolatilityAccumulator = BINS_TO_MOST * 10_000;
  // The added fee, per 1e9, is control * (accumulator * binStep)^2 / 1e11.
  const most = BigInt(volatileBps) * 100_000n;
  const square = BigInt(maxVolatilityAccumulator * binStep) ** 2n;
  return {
    maxVolatilityAccumulator,
    variableFeeControl: Number((most * 10n ** 11n) / square),
    filterPeriod: 30,
    decayPeriod: 600,
    reductionFactor: 5_000,
  };
}
